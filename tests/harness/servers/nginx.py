"""nginx as a plain HTTP store: GET, PUT and DELETE of files, with the answers that such stores give."""

import subprocess

from .base import FolderServer, Place
from .tls import NGINX

USER, PASSWORD, TOKEN = "ada", "p:ss word", "t0ken-of-nginx"

SERVER = """
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {data};
        dav_methods PUT DELETE; create_full_put_path on;
        location /basic/ {{ auth_basic tests; auth_basic_user_file {folder}/users; alias {data}/; }}
        location /custom/ {{ if ($http_x_token != "{token}") {{ return 401; }} alias {data}/; }}
        location /moved/ {{ rewrite ^/moved/(.*) /$1 redirect; }}
        location /moved307/ {{ rewrite ^/moved307(/.*) $1 break; return 307 $uri; }}
        location /loop/ {{ return 302 $request_uri; }}
        location /forbidden/ {{ return 403; }}
        location /busy/ {{ return 503; }}
        location /readonly/ {{ dav_methods off; alias {data}/; }}
    }}
"""


class Nginx(FolderServer):
    """place("basic") goes through the location of that name; the others are in SERVER."""

    def prepare(self):
        # nginx reads what Apache's htpasswd writes; openssl writes the same.
        coded = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], capture_output=True, text=True, check=True).stdout
        (self.folder / "users").write_text(f"{USER}:{coded}")
        servers = SERVER.format(port=self.port, data=self.data, folder=self.folder, token=TOKEN)
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, servers=servers))

    def command(self):
        return ["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def place(self, location="", at=None, secure=False):
        path = self.fresh()
        (self.data / path).mkdir()
        options = {"method": "PUT"}
        if location == "basic":
            options.update(auth="basic", user=USER, password=PASSWORD)
        if location == "custom":
            options.update(auth="custom", custom_auth_header="X-Token", password=TOKEN)
        return Place(self, path, f"http{'s' * secure}://{at or self.address}/{location}{'/' * bool(location)}{path}", options)
