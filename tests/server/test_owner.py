"""Whoever asks where nobody logs in: takes a real server, sees what it refuses them, and that it can."""

from __future__ import annotations

from pathlib import Path

from tests.server.site import Site


def test_what_only_users_have_is_refused_and_told(tmp_path: Path) -> None:
    with Site(tmp_path / "home", log=tmp_path / "log") as site:
        page = site.get("/account/")
        assert page.status == 403
        assert b"Nobody logs in here" in page.body
        assert site.ask("POST", "/account/password/", body=b"", Sec_Fetch_Site="same-origin").status == 403
        assert site.get("/runs/").status == 200
    assert "Traceback" not in (tmp_path / "log").read_text()
