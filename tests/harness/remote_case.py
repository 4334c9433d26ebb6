"""Compat scenarios with a network remote: how it is configured, changed by a script, and observed.

The remote is configured for the user ("r", the default; "other" is the folder "other" in it), so that every clone and every
repository of the sandbox has it. What is stored at the end is part of the observation: objects as "remote/files/md5/...",
everything else as files with their text. Scripts know its URL as $URL. Names that differ from run to run are replaced by <URL>, <PATH> and <HOST>.

    store write KEY TEXT      text as printf takes it            store remove KEY
    store damage KEY          other bytes of the same length     store empty
"""

import configparser
import hashlib
import os
import re
import zlib

OBJECT = re.compile(r"(.*/)?files/md5/([0-9a-f]{2})/([0-9a-f]{30})(\.dir)?$")
TEMPORARY = re.compile(r"(^|/)\.[\w-]{22}\.tmp$")  # DVC leaves some behind
ID = re.compile(r"^(md5: |[- ]*(?:etag|version_id|checksum): |(?:  )?- md5: (?=\w+\.dir)).*")
MTIME = 1704164645  # ETags of web servers are made of it


def configure(box, place, options):
    folder = box.root / ".home/.config/dvc"
    folder.mkdir(parents=True, exist_ok=True)
    config = configparser.RawConfigParser()
    config.read_dict({"core": {"remote": "r"}, "'remote \"r\"'": {"url": place.url, **place.options, **options},
                      "'remote \"other\"'": {"url": "remote://r/other"}})
    with open(folder / "config", "w") as file:
        config.write(file)
    box.extra_env.update(place.env, URL=place.url)
    if place.setup:
        place.setup(box)


def change(place, line):
    verb, _, rest = line.partition(" ")
    key, _, text = rest.partition(" ")
    if verb == "write":
        put(place, key, text.encode().decode("unicode_escape").encode())
    elif verb == "damage":
        put(place, key, bytes(255 - b for b in place.read(key)))
    elif verb == "remove":
        place.remove(key)
    elif verb == "empty":
        for key in place.server.list(place.path):
            place.remove(key)
    else:
        raise ValueError(line)


def forget_etags(seen):
    """For adjust=: mask what a server makes of the time, and the checksums that cover it."""
    for name, file in seen["files"].items():
        if name.endswith((".dvc", "dvc.lock")) and "text" in file:
            file["text"] = [ID.sub(r"\1<id>", line) for line in file["text"]]


def put(place, key, data):
    """Times of files depend on the content alone, since web servers make ETags of them."""
    place.write(key, data)
    if hasattr(place.server, "data"):
        os.utime(place.server.data / place.path / key, (MTIME + zlib.crc32(data) % 10000,) * 2)


def words(place):
    """(pattern, stable word) for what names the server and the place, longest first."""
    names = {place.url: "<URL>", place.path: "<PATH>", place.server.address: "<HOST>", str(place.server.folder): "<SERVER>"}
    address = re.search(r"127\.0\.0\.1:(\d+)", place.url + place.options.get("endpointurl", ""))
    if address:
        names.setdefault(address[0], "<HOST>")
    return [(re.escape(name) + r"(?!\w)", names[name]) for name in sorted(names, key=len, reverse=True)]


def observe(place, files, objects, norm):
    for key in place.server.list(place.path):
        match = OBJECT.fullmatch(key)
        data = place.read(key)
        if match:
            objects.append(f"remote/{key}" + ("" if hashlib.md5(data).hexdigest() == match[2] + match[3] else " corrupt"))
        elif not TEMPORARY.search(key):
            files[f"remote/{norm.text(key)}"] = entry(data, norm)
    objects.sort()


def entry(data, norm):
    try:
        return {"text": norm.text(data.decode()).split("\n") if data else []}
    except UnicodeDecodeError:
        return {"md5": hashlib.md5(data).hexdigest(), "size": len(data)}
