"""Takes nothing, gives the Star Wars API's recorded records by collection, fields in the order of the real API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

Record = dict[str, object]
Collections = Mapping[str, list[Record]]

# The recordings of some collections have their fields in another order than the API's serializers write them.
# The films' opening crawls are not among the recordings.
_CRAFT = (
    "name model manufacturer cost_in_credits length max_atmosphering_speed crew passengers cargo_capacity consumables"
)
FIELDS = {
    "people": """name height mass hair_color skin_color eye_color birth_year gender homeworld
        films species vehicles starships created edited url""",
    "planets": """name rotation_period orbital_period diameter climate gravity terrain surface_water population
        residents films created edited url""",
    "films": """title episode_id director producer release_date
        characters planets starships vehicles species created edited url""",
    "species": """name classification designation average_height skin_colors hair_colors eye_colors average_lifespan
        homeworld language people films created edited url""",
    "vehicles": f"{_CRAFT} vehicle_class pilots films created edited url",
    "starships": f"{_CRAFT} hyperdrive_rating MGLT starship_class pilots films created edited url",
}


def load_collections() -> Collections:
    """All 260 records, by id within each collection (by Paul Hallett; see `data/swapi/LICENSE.txt`)."""
    folder = files("ladle.demo") / "data" / "swapi"
    found = {}
    for name, fields in FIELDS.items():
        records: list[Record] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        found[name] = [{field: record[field] for field in fields.split()} for record in records]
    return found
