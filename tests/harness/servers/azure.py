"""Azure Blob Storage: azurite, which checks the shared key."""

from azure.storage.blob import BlobServiceClient

from ..sandbox import TOP
from .base import Place, Server

ACCOUNT = "devstoreaccount1"
# The key of every emulator, from Microsoft's page on Azurite.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azure(Server):
    """azurite-blob with the container "cont"."""

    def command(self):
        return ["node", str(TOP / "tests/servers/node_modules/.bin/azurite-blob"), "--blobHost", "127.0.0.1", "--blobPort",
                str(self.port), "--location", str(self.folder), "--skipApiVersionCheck", "--loose", "--disableTelemetry",
                "--silent"]

    def connection(self, at=None, key=KEY, secure=False):
        http = f"http{'s' * secure}"
        return (f"DefaultEndpointsProtocol={http};AccountName={ACCOUNT};AccountKey={key};"
                f"BlobEndpoint={http}://{at or self.address}/{ACCOUNT};")

    def started(self):
        self.container = BlobServiceClient.from_connection_string(self.connection()).create_container("cont")

    def place(self, at=None, secure=False):
        path = self.fresh()
        return Place(self, path, f"azure://cont/{path}", {"connection_string": self.connection(at, secure=secure)})

    def list(self, path):
        return [n[len(path) + 1:] for n in self.container.list_blob_names(name_starts_with=path + "/")]

    def read(self, path, key):
        return self.container.download_blob(f"{path}/{key}").readall()

    def write(self, path, key, data):
        self.container.upload_blob(f"{path}/{key}", data, overwrite=True)

    def remove(self, path, key):
        self.container.delete_blob(f"{path}/{key}")
