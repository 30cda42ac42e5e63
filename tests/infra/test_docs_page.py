"""The page that shows the API: it loads from our own origin alone, and what it loads is what was published."""

import re
import tomllib
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from infra.web import docs_page
from infra.web.docs_page import STATIC, docs_routes

FOLDER = Path(docs_page.__file__).parent / "static"
VENDORED = tomllib.loads((FOLDER / "vendored.toml").read_text(encoding="utf-8"))
FILES = [
    (f"{folder}/{name}", entry["sha256"]) for folder, made in VENDORED.items() for name, entry in made["files"].items()
]


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(title="Cordon", docs_url=None, redoc_url=None)
    app.include_router(docs_routes("Cordon's <API> & more", "/openapi.json"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cordon.example.org") as client:
        yield client


async def test_the_page_loads_nothing_from_elsewhere(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/docs")).text
    loaded = re.findall(r'(?:src|href|data-openapi-url)="([^"]*)"', page)

    assert 6 == len(loaded)
    assert not [url for url in loaded if not re.match(r"/(?!/)|data:,$", url)]
    assert "//" not in page


async def test_everything_the_page_loads_is_there(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/docs")).text
    paths = [path for path in re.findall(r'(?:src|href|data-openapi-url)="([^"]*)"', page) if path.startswith("/")]
    answers = {path: (await browser.get(path)).status_code for path in paths}

    assert dict.fromkeys(paths, 200) == answers


async def test_the_page_is_held_to_its_own_origin(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/docs")).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

    assert "'none'" == policy["default-src"]
    assert "'self'" == policy["script-src"] == policy["style-src"] == policy["connect-src"]
    assert "'self' data:" == policy["img-src"]
    assert "'none'" == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"]
    assert "nosniff" == headers["x-content-type-options"]
    assert "no-referrer" == headers["referrer-policy"]


async def test_the_page_has_no_script_or_style_of_its_own(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/docs")).text

    assert not re.findall(r"<script(?![^>]* src=)|<style|\bstyle=|\bon[a-z]+=", page)
    assert re.findall("<script[^>]*></script>", page)


async def test_a_title_cannot_become_markup(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/docs")).text

    assert "<title>Cordon&#x27;s &lt;API&gt; &amp; more</title>" in page


@pytest.mark.parametrize(("name", "media_type"), STATIC.items())
async def test_a_file_is_served_as_what_it_is(browser: httpx.AsyncClient, name: str, media_type: str) -> None:
    answer = await browser.get(f"/static/{name}")

    assert 200 == answer.status_code
    assert media_type == answer.headers["content-type"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert (FOLDER / name).read_bytes() == answer.content


@pytest.mark.parametrize(
    "path", ["vendored.toml", "nothing.js", "", "swagger-ui/", "../docs_page.py", "..%2fdocs_page.py", "/docs.js"]
)
async def test_nothing_else_of_the_folder_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"/static/{path}")

    assert 404 == answer.status_code


async def test_the_page_stands_beside_the_api_not_in_it(browser: httpx.AsyncClient) -> None:
    described = (await browser.get("/openapi.json")).json()

    assert {} == described["paths"]


async def test_the_page_finds_its_files_under_another_root() -> None:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.include_router(docs_routes("Cordon", "/api/openapi.json", root="/api"), prefix="/api")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cordon.example.org") as client:
        page = (await client.get("/api/docs")).text
        answers = [
            (await client.get(path)).status_code for path in re.findall(r'(?:src|href)="(/api/static[^"]*)"', page)
        ]

    assert [200, 200, 200] == answers


@pytest.mark.parametrize("url", ["https://example.org/openapi.json", "//example.org/openapi.json", "openapi.json"])
def test_a_document_of_another_origin_is_a_mistake(url: str) -> None:
    with pytest.raises(ValueError, match="our own origin"):
        docs_routes("Cordon", url)


@pytest.mark.parametrize(("name", "digest"), FILES)
def test_a_vendored_file_is_what_was_published(name: str, digest: str) -> None:
    assert digest == sha256((FOLDER / name).read_bytes()).hexdigest()


def test_every_file_of_the_folder_is_served_or_said_to_be_vendored() -> None:
    there = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}

    assert {*STATIC, "vendored.toml"} == there
    assert {name for name, _ in FILES} == there - {"docs.js", "vendored.toml"}


def test_what_is_vendored_says_its_licence_and_source() -> None:
    for made in VENDORED.values():
        assert {"name", "version", "licence", "source", "integrity", "files"} == set(made)


@pytest.mark.parametrize("name", [name for name in STATIC if name.endswith((".js", ".css"))])
def test_no_file_asks_for_a_source_map_that_is_not_there(name: str) -> None:
    assert "sourceMappingURL" not in (FOLDER / name).read_text(encoding="utf-8")


def test_no_style_sheet_loads_from_elsewhere() -> None:
    style = (FOLDER / "swagger-ui/swagger-ui.css").read_text(encoding="utf-8")

    assert not re.findall(r"url\(\s*[\"']?(?!data:|[\"'])[^)]{0,40}|@import", style)


def test_no_document_is_sent_to_a_validator() -> None:
    assert "validatorUrl: null" in (FOLDER / "docs.js").read_text(encoding="utf-8")
