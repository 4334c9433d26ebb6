"""Certificates by openssl, and nginx as a TLS front before another server."""

import subprocess

from .base import Server, free_port


class Authority:
    """A certificate authority in a folder: self.ca, and (certificate, key) pairs of the server and of a client."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.ca = folder / "ca.pem"
        self.openssl("req -x509 -days 30 -subj /CN=authority-of-tests -keyout ca.key -out ca.pem")
        self.server = self.issue("server", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        self.client = self.issue("client", "extendedKeyUsage=clientAuth")
        (folder / "both.pem").write_text(self.client[0].read_text() + self.client[1].read_text())

    def openssl(self, words):
        made = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes" if " -keyout " in words else ""
        subprocess.run(["openssl", *words.split(), *made.split()], cwd=self.folder, check=True, capture_output=True)

    def issue(self, name, extension):
        (self.folder / "ext").write_text(extension + "\n")
        self.openssl(f"req -subj /CN={name} -keyout {name}.key -out {name}.csr")
        self.openssl(f"x509 -req -days 30 -CA ca.pem -CAkey ca.key -CAcreateserial -in {name}.csr -extfile ext -out {name}.pem")
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


# Everything that nginx writes goes below its folder. One process, so that killing it leaves no worker behind.
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log stderr warn;
events {{ worker_connections 8192; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    client_max_body_size 0; absolute_redirect off; keepalive_requests 100000;
    {servers}
}}
"""

FRONT = """
    server {{
        listen 127.0.0.1:{port} ssl {backlog}; ssl_certificate {cert}; ssl_certificate_key {key}; {verify}
        set $destination $http_destination;
        if ($http_destination ~ "^https(.*)") {{ set $destination http$1; }}
        location / {{
            proxy_pass http://{upstream}; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off;
            proxy_set_header Host $http_host; proxy_set_header Destination $destination; proxy_read_timeout 600;
        }}
    }}
"""


class TlsFront(Server):
    """TLS before the HTTP server at `upstream`. self.address asks for no certificate of the client, and
    self.mutual_address requires one that self.authority has signed."""

    def __init__(self, upstream):
        super().__init__()
        self.upstream = upstream
        self.authority = Authority(self.folder / "tls")

    def ports(self):
        return [self.port, self.mutual_port]

    @property
    def mutual_address(self):
        return f"127.0.0.1:{self.mutual_port}"

    def prepare(self):
        self.mutual_port = free_port()
        cert, key = self.authority.server
        verify = f"ssl_client_certificate {self.authority.ca}; ssl_verify_client on;"
        fields = {"cert": cert, "key": key, "upstream": self.upstream, "backlog": "backlog=4096"}
        servers = FRONT.format(port=self.port, verify="", **fields)
        servers += FRONT.format(port=self.mutual_port, verify=verify, **fields)
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, servers=servers))

    def command(self):
        return ["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
