"""WebDAV: wsgidav (on cheroot) and Apache's mod_dav."""

import hashlib
import json
import subprocess

from .base import BIN, FolderServer, Place

USER, PASSWORD, TOKEN = "ada", "p:ss word", "t0ken-of-apache"


class WsgiDav(FolderServer):
    """wsgidav with one user and basic authentication; `auth="digest"` for digest, None for none."""

    def __init__(self, auth="basic"):
        super().__init__()
        self.auth = auth

    def prepare(self):
        users = {USER: {"password": PASSWORD}} if self.auth else True
        config = {"host": "127.0.0.1", "port": self.port, "provider_mapping": {"/": str(self.data)}, "verbose": 1,
                  "server_args": {"numthreads": 16, "request_queue_size": 1024},
                  "property_manager": True, "lock_storage": True, "dir_browser": {"enable": False},
                  "simple_dc": {"user_mapping": {"*": users}},
                  "http_authenticator": {"accept_basic": self.auth == "basic", "accept_digest": self.auth == "digest",
                                         "default_to_digest": self.auth == "digest"}}
        (self.folder / "wsgidav.json").write_text(json.dumps(config))

    def command(self):
        return [str(BIN / "wsgidav"), "--config", str(self.folder / "wsgidav.json")]

    def place(self, at=None, secure=False):
        path = self.fresh()
        (self.data / path).mkdir()
        return Place(self, path, f"webdav{'s' * secure}://{at or self.address}/{path}",
                     {"user": USER, "password": PASSWORD} if self.auth else {})


APACHE = """
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
ServerRoot {folder}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
DavLockDB {folder}/locks
DocumentRoot {data}
ListenBackLog 4096
ThreadsPerChild 64
KeepAlive On
MaxKeepAliveRequests 0
{modules}
<Directory {data}>
    Dav On
    DirectorySlash Off
    Require all granted
</Directory>
Alias /basic {data}
<Location /basic>
    AuthType Basic
    AuthName tests
    AuthUserFile {folder}/basic
    Require valid-user
</Location>
Alias /digest {data}
<Location /digest>
    AuthType Digest
    AuthName tests
    AuthUserFile {folder}/digest
    Require valid-user
</Location>
Alias /token {data}
<Location /token>
    <If "%{{HTTP:Authorization}} != 'Bearer {token}'">
        Require all denied
        ErrorDocument 403 "unauthorized"
    </If>
</Location>
"""
MODULES = ("mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "auth_digest", "alias", "dir",
           "dav", "dav_fs", "dav_lock")


class Apache(FolderServer):
    """Apache with mod_dav. place("basic") and place("digest") need the password, place("token") a bearer token."""

    def prepare(self):
        modules = "\n".join(f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in MODULES)
        (self.folder / "httpd.conf").write_text(APACHE.format(port=self.port, folder=self.folder, data=self.data, modules=modules,
                                                                token=TOKEN))
        coded = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], capture_output=True, text=True, check=True).stdout
        (self.folder / "basic").write_text(f"{USER}:{coded}")
        (self.folder / "digest").write_text(f"{USER}:tests:{hashlib.md5(f'{USER}:tests:{PASSWORD}'.encode()).hexdigest()}\n")

    def command(self):  # -X: one process, so that killing it leaves no child behind
        return ["/usr/sbin/apache2", "-X", "-f", str(self.folder / "httpd.conf")]

    def place(self, location="", at=None, secure=False):
        path = self.fresh()
        (self.data / path).mkdir()
        return Place(self, path, f"webdav{'s' * secure}://{at or self.address}/{location}{'/' * bool(location)}{path}",
                     self.options(location))

    def options(self, location):
        if location == "token":
            return {"token": TOKEN}
        return {"user": USER, "password": PASSWORD} if location else {}
