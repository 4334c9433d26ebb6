"""Fixtures for tests of remotes. A server starts when the first test of a worker process asks for it."""

import contextlib

import pytest

KINDS = ("s3", "s3-strict", "s3-tls", "ssh", "http", "http-basic", "http-post", "https", "webdav", "webdavs", "webdav-apache",
         "gs", "gs-strict", "azure")


def session(make):
    """A session fixture that starts the server that `make` returns."""

    @pytest.fixture(scope="session", name=make.__name__)
    def fixture():
        with make() as server:
            yield server

    return fixture


@session
def s3():
    from .s3 import S3
    return S3()


@session
def s3_strict():
    from .s3 import StrictS3
    return StrictS3()


@session
def sshd():
    from .sshd import Sshd
    return Sshd()


@session
def sshd_narrow():
    """Two sessions on a connection, and no shell."""
    from .sshd import Sshd
    return Sshd(max_sessions=2, shell=False)


@session
def nginx():
    from .nginx import Nginx
    return Nginx()


@session
def post_store():
    from .post_store import PostStore
    return PostStore()


@session
def webdav():
    from .dav import WsgiDav
    return WsgiDav()


@session
def apache():
    from .dav import Apache
    return Apache()


@session
def gs():
    from .gs import Gs
    return Gs()


@session
def gs_strict():
    from .gs import StrictGs
    return StrictGs()


@session
def azure():
    from .azure import Azure
    return Azure()


@pytest.fixture(scope="session")
def tls_front():
    """A function that puts TLS before an HTTP server, and returns the front: tls_front(webdav).address"""
    from .tls import TlsFront
    made = {}
    with contextlib.ExitStack() as stack:

        def front(server):
            if server.address not in made:
                made[server.address] = stack.enter_context(TlsFront(server.address))
            return made[server.address]

        yield front


@pytest.fixture
def remote(request):
    """A function that returns a fresh remote of one of KINDS, a Place: remote("s3"), remote("s3", at=proxy.address)"""
    servers = {"s3-strict": "s3_strict", "s3-tls": "s3", "ssh": "sshd", "http": "nginx", "http-basic": "nginx",
               "http-post": "post_store", "https": "nginx", "webdavs": "webdav", "webdav-apache": "apache",
               "gs-strict": "gs_strict"}

    def place(kind, at=None):
        server = request.getfixturevalue(servers.get(kind, kind))
        if kind in ("s3-tls", "https", "webdavs"):
            front = request.getfixturevalue("tls_front")(server)
            made = server.place(at=at or front.address, secure=True)
            made.options["ssl_verify"] = str(front.authority.ca)
            return made
        return server.place("basic", at=at) if kind == "http-basic" else server.place(at=at)

    return place
