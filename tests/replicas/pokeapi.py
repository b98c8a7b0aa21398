"""PokeAPI: a list of names and addresses by offset and limit, and one deep record at each address.

Traps: the list has no fields; addresses of records end in a slash, those of pages have none before the `?`; the list's
`url` is the only key; fields are null (`base_experience`), lists of objects, or objects three levels deep.
"""

from __future__ import annotations

from random import Random

from ladle.testing import Answer, Request
from tests.replicas.kit import Model, Record, as_json, below, not_there, numbers, sliced

ORIGIN, BASE = "https://pokeapi.co", "/api/v2/"
POKEMON = """bulbasaur ivysaur venusaur charmander charmeleon charizard squirtle wartortle blastoise caterpie metapod
    butterfree weedle kakuna beedrill pidgey pidgeotto pidgeot rattata raticate spearow fearow ekans arbok pikachu
    raichu sandshrew sandslash nidoran-f nidorina nidoqueen nidoran-m nidorino nidoking clefairy clefable vulpix
    ninetales jigglypuff wigglytuff zubat golbat oddish gloom vileplume paras parasect""".split()
TYPES = "normal fighting flying poison ground rock bug ghost steel fire water grass electric psychic ice".split()
ABILITIES = "stench drizzle speed-boost battle-armor sturdy damp limber sand-veil static volt-absorb".split()
STATS = ("hp", "attack", "defense", "special-attack", "special-defense", "speed")
PICTURES = "https://raw.githubusercontent.com/PokeAPI/sprites/master/sprites/pokemon"


def model(*, total: int = 47) -> Model:
    """`total` Pokémon (beyond the 47th further forms of the first ones), 15 types and 10 abilities."""
    random = Random("pokeapi")
    collections = {
        "pokemon": [_pokemon(number, _called(number), random) for number in range(1, total + 1)],
        "type": [_named("type", number, name) for number, name in enumerate(TYPES, 1)],
        "ability": [_named("ability", number, name) for number, name in enumerate(ABILITIES, 1)],
    }

    def reply(request: Request) -> Answer:
        name, _, key = below(request, BASE).strip("/").partition("/")
        if not name:
            return as_json({each: f"{ORIGIN}{BASE}{each}/" for each in collections})
        if name not in collections:
            return not_there()
        if key:
            found = next((each for each in collections[name] if key in (str(each["id"]), each["name"])), None)
            return as_json(found, Cache_Control="public, max-age=86400") if found else not_there()
        return as_json(_list(request, name, collections[name]), Cache_Control="public, max-age=86400")

    return Model(origin=ORIGIN, base=BASE, first="pokemon", collections=collections, answer=reply)


def _list(request: Request, name: str, records: list[Record]) -> Record:
    offset, limit = (number or 0 for number in numbers(request, "offset", "limit", offset=0, limit=20))
    limit = limit if limit > 0 else 20
    end = offset + limit
    return {
        "count": len(records),
        "next": _page(name, end, min(limit, len(records) - end)) if end < len(records) else None,
        "previous": _page(name, max(0, offset - limit), min(offset, limit)) if offset > 0 else None,
        "results": [
            {"name": each["name"], "url": f"{ORIGIN}{BASE}{name}/{each['id']}/"}
            for each in sliced(records, offset, limit)
        ],
    }


def _page(name: str, offset: int, limit: int) -> str:
    """The last page's `limit` is what is left, as in the API itself: 7 of 47 after twice 20."""
    return f"{ORIGIN}{BASE}{name}?offset={offset}&limit={limit}"


def _called(number: int) -> str:
    form, place = divmod(number - 1, len(POKEMON))
    return POKEMON[place] + (f"-form-{form}" if form else "")


def _reference(kind: str, number: int, name: str) -> Record:
    return {"name": name, "url": f"{ORIGIN}{BASE}{kind}/{number}/"}


def _pokemon(number: int, name: str, random: Random) -> Record:
    kinds = random.sample(range(len(TYPES)), k=random.choice((1, 2)))
    gifts = random.sample(range(len(ABILITIES)), k=random.choice((1, 2, 3)))
    return {
        "abilities": [
            {"ability": _reference("ability", gift + 1, ABILITIES[gift]), "is_hidden": slot == 3, "slot": slot}
            for slot, gift in enumerate(gifts, 1)
        ],
        "base_experience": random.choice((None, *range(36, 300))) if number != 13 else None,
        "cries": {"latest": f"{PICTURES}/{number}.ogg", "legacy": None},
        "forms": [_reference("pokemon-form", number, name)],
        "height": random.randint(3, 90),
        "held_items": [],
        "id": number,
        "is_default": number % 17 != 0,
        "location_area_encounters": f"{ORIGIN}{BASE}pokemon/{number}/encounters",
        "name": name,
        "order": -1 if number % 19 == 0 else number,
        "past_types": [],
        "species": _reference("pokemon-species", number, name),
        "sprites": {
            "back_default": f"{PICTURES}/back/{number}.png",
            "front_default": None if number % 11 == 0 else f"{PICTURES}/{number}.png",
            "other": {"official-artwork": {"front_default": f"{PICTURES}/other/{number}.png", "front_shiny": None}},
        },
        "stats": [
            {
                "base_stat": random.randint(20, 130),
                "effort": random.randint(0, 3),
                "stat": _reference("stat", slot, stat),
            }
            for slot, stat in enumerate(STATS, 1)
        ],
        "types": [
            {"slot": slot, "type": _reference("type", kind + 1, TYPES[kind])} for slot, kind in enumerate(kinds, 1)
        ],
        "weight": random.randint(1, 4600),
    }


def _named(kind: str, number: int, name: str) -> Record:
    """A type or an ability, with its names in other languages."""
    languages = {"ja": f"{name}・タイプ", "fr": f"{name} élémentaire", "en": name.capitalize()}
    return {
        "id": number,
        "name": name,
        "generation": _reference("generation", 1 + number % 9, f"generation-{number % 9 + 1}"),
        "is_main_series": number % 7 != 0,
        "names": [{"language": {"name": language}, "name": told} for language, told in languages.items()],
        "kind": kind,
    }
