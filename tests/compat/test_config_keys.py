"""Every key of every section and scheme: accepted with good values, refused with bad ones, as DVC does."""

import pytest
from harness import case

TEXT, BOOL, COUNT, INT, FLOAT = "some text", "true", "4", "-1", "0.5"
COMMON = {"checksum_jobs": COUNT, "jobs": COUNT, "worktree": BOOL, "no_traverse": BOOL, "version_aware": BOOL}


def texts(names, value=TEXT):
    return dict.fromkeys(names.split(), value)


LOCAL = {"type": "reflink,hardlink,symlink,copy", "protected": BOOL, "shared": "group", "slow_link_warning": BOOL, "verify": BOOL}
HTTP = {"auth": "Basic", **texts("custom_auth_header user password ssl_verify method"), "ask_password": BOOL,
        "connect_timeout": FLOAT, "read_timeout": "0", "verify": BOOL}
WEBDAV = {**texts("user password token bearer_token_command custom_auth_header cert_path key_path ssl_verify"),
          "ask_password": BOOL, "timeout": INT, "verify": BOOL}
REMOTES = {
    "local": ("/data/store", LOCAL),
    "s3": ("s3://bucket/path", {
        **texts("region profile credentialpath configpath endpointurl access_key_id secret_access_key session_token ssl_verify"
                " sse sse_kms_key_id sse_customer_algorithm sse_customer_key acl grant_read grant_read_acp grant_write_acp"
                " grant_full_control"),
        **texts("listobjects use_ssl allow_anonymous_login verify", "False"), **texts("read_timeout connect_timeout", "7")}),
    "gs": ("gs://bucket", {**texts("projectname credentialpath endpointurl"), **texts("verify allow_anonymous_login", BOOL)}),
    "ssh": ("ssh://user@host/path", {
        "type": "symlink", **texts("user password passphrase keyfile"), **texts("port timeout max_sessions", "22"),
        **texts("ask_password ask_passphrase gss_auth allow_agent verify", BOOL)}),
    "hdfs": ("hdfs://host/path", texts("user kerb_ticket")),
    "webhdfs": ("webhdfs://host/path", {
        **texts("kerberos_principal proxy_to ssl_verify token user password data_proxy_target"),
        **texts("kerberos use_https verify", BOOL)}),
    "azure": ("azure://container/path", {
        **texts("connection_string sas_token account_name account_key tenant_id client_id client_secret"),
        **texts("allow_anonymous_login exclude_environment_credential exclude_visual_studio_code_credential"
                " exclude_shared_token_cache_credential exclude_managed_identity_credential verify", BOOL),
        **texts("timeout read_timeout connection_timeout", "9")}),
    "oss": ("oss://bucket", {**texts("oss_key_id oss_key_secret oss_endpoint"), "verify": BOOL}),
    "gdrive": ("gdrive://root/path", {
        **texts("profile gdrive_client_id gdrive_client_secret gdrive_user_credentials_file gdrive_service_account_user_email"
                " gdrive_service_account_json_file_path"),
        **texts("gdrive_use_service_account gdrive_trash_only gdrive_acknowledge_abuse verify", BOOL)}),
    "http": ("http://host/path", HTTP),
    "https": ("https://host/path", HTTP),
    "webdav": ("webdav://host/path", WEBDAV),
    "webdavs": ("webdavs://host/path", WEBDAV),
    "remote": ("remote://other/path", {"anything": "goes", "port": "x"}),
}
SECTIONS = {
    "core": {"remote": "Name", "checksum_jobs": COUNT, **texts("interactive analytics hardlink_lock no_scm autostage experiments"
                                                              " check_update", "false"), "site_cache_dir": "../site", "machine": "M"},
    "cache": {**LOCAL, "dir": "../elsewhere"},
    "state": {"dir": "x", "row_limit": COUNT, "row_cleanup_quota": "100"},
    "index": {"dir": "x"},
    "plots": {"html_template": "x", "auto_open": BOOL, "out_dir": "y"},
    "exp": {**texts("code data models metrics params plots live git_remote"), "auto_push": BOOL},
    "parsing": {"bool": "Boolean_Optional", "list": "append"},
    "hydra": {"enabled": BOOL, "config_dir": "c", "config_name": "n", "plugins_path": "p"},
    "studio": {"token": "t", "url": "u", "repo_url": "r", "offline": BOOL},
    "feature": {"machine": BOOL, "other": "x"},
}


def written(header, keys):
    return f"[{header}]\n" + "".join(f"    {k} = {v}\n" for k, v in keys.items())


def remote(url, keys):
    return written("'remote \"r\"'", {"url": url, **keys})


for scheme, (url, keys) in REMOTES.items():
    case(f"keys-of-{scheme}", "dvc config -l && dvc status", files={".dvc/config": remote(url, {**keys, **COMMON})})
for section, keys in SECTIONS.items():
    case(f"keys-of-section-{section}", "dvc config -l && dvc status", files={".dvc/config": written(section, keys)})
case("keys-of-db", "dvc config -l && dvc status",
     files={".dvc/config": written("'db \"x\"'", texts("url username password"))})
case("keys-of-machine", "dvc config -l && dvc status",
     files={".dvc/config": written("'machine \"m\"'", {
         "cloud": "AWS", "region": "us-west", "spot": BOOL, "spot_price": FLOAT, "instance_hdd_size": "3",
         **texts("image instance_type instance_gpu ssh_private startup_script setup_script")})})

BAD = {
    "local": ["region = x", "jobs = 0", "jobs = x", "worktree = yes", "type = softlink", "shared = all", "verify = 1"],
    "s3": ["cache_regions = true", "use_ssl = maybe", "read_timeout = 1.5", "keyfile = x", "checksum_jobs = -1"],
    "gs": ["port = 1", "allow_anonymous_login = 2"],
    "ssh": ["port = ssh", "max_sessions = many", "allow_agent = yes", "region = x"],
    "hdfs": ["replication = 3", "verify = true"],
    "webhdfs": ["kerberos = no", "port = 1"],
    "azure": ["timeout = soon", "region = x"],
    "oss": ["verify = x", "region = x"],
    "gdrive": ["gdrive_trash_only = x", "region = x"],
    "http": ["auth = none", "connect_timeout = -1", "read_timeout = x", "token = x"],
    "webdav": ["timeout = 1.5", "ask_password = x", "region = x"],
}
for scheme, lines in BAD.items():
    # one clear line is enough: DVC names the place in the configuration twice
    case(f"bad-keys-of-{scheme}", "\n".join(
        f"""? printf '%s\\n' "['remote \\"r\\"']" "    url = {REMOTES[scheme][0]}" '    {line}' > .dvc/config && dvc status"""
        for line in lines))
case("bad-urls", "\n".join(
    f"""? printf '%s\\n' "['remote \\"r\\"']" "    {line}" > .dvc/config && dvc status"""
    for line in ("jobs = 2", "url = ftp://host/x", "url = nosuch:/x", "url = ", "url = C:/x", "url = file:///x")))
case("bad-keys-of-sections", "\n".join(
    f"? printf '%s\\n' '[{section}]' '    {line}' > .dvc/config && dvc status"
    for section, line in [("core", "checksum_jobs = 0"), ("core", "autostage = 1"), ("core", "nope = x"), ("cache", "type = x"),
                          ("cache", "shared = user"), ("cache", "s3 = x"), ("parsing", "bool = x"), ("parsing", "list = x"),
                          ("hydra", "enabled = x"), ("state", "row_cleanup_quota = 101"), ("state", "row_limit = 0"),
                          ("plots", "auto_open = x"), ("exp", "auto_push = x"), ("exp", "nope = x"), ("studio", "offline = x"),
                          ("nosection", "x = y"), ("feature", "machine = x"), ("index", "nope = 1")]))
case("hydra-exclusive-keys", "? dvc status", files={".dvc/config": written("hydra", {"config_dir": "a", "config_module": "b"})})

case("config-system", """
    dvc config --system core.autostage true
    dvc config --system core.autostage
    dvc config core.autostage
    dvc config --system -l
    dvc config -l --show-origin --system
    dvc config core.autostage --show-origin
    dvc config --system core.autostage --show-origin
    dvc config --system -u core.autostage
    dvc config --system -l
""")
case("config-precedence", """
    for level in system global project local; do dvc config --$level core.site_cache_dir $level; done
    dvc config core.site_cache_dir
    dvc config --local -u core.site_cache_dir
    dvc config core.site_cache_dir
    dvc config --project --unset core.site_cache_dir
    dvc config core.site_cache_dir
    dvc config --global --unset core.site_cache_dir
    dvc config core.site_cache_dir
    dvc config -l
""")
case("config-forbidden-together", """
    dvc config -l core.remote
    dvc config -l -u
    dvc config --show-origin core.remote x
    dvc config --show-origin -u core.remote
    dvc config
  ? dvc config --global --local -l
    dvc config a.b.c.d
    dvc config word
    dvc config remote.x.y z
    dvc config remote.x.url ../z
    cat .dvc/config
""")
case("config-outside", """
    dvc config -l
    dvc config core.remote x
    dvc config --local core.remote x
    dvc config --project -l
    dvc config --global core.remote x
    dvc config core.remote
    dvc config --global core.remote
    dvc cache dir
    dvc cache dir --global ../x
    dvc cache dir --global
    dvc remote list
""", start="git")
case("config-unset-last", """
    dvc config core.autostage true
    dvc config -u core.autostage
    dvc config -u core.autostage
    dvc config -u nosuch.key
    dvc config --local -u core.autostage
""")
case("config-relative-paths", """
    mkdir sub
    cd sub
    dvc config remote.r.url ../../store
    dvc config remote.s.url ssh://host/x
    dvc config remote.s.keyfile ../key
    dvc config remote.g.url gs://x
    dvc config remote.g.credentialpath cred.json
    dvc config cache.dir ../../cache
    dvc config remote.w.url webdav://h/x
    dvc config remote.w.cert_path ~/cert
    dvc config remote.r.url
    dvc config cache.dir
    cat ../.dvc/config
""")
case("cache-dir-levels", """
    dvc cache dir --local
    dvc cache dir --local ../local
    dvc cache dir --global ../global
    dvc cache dir --system /sys
    dvc cache dir --project ../project
    dvc cache dir
    dvc cache dir --local
    dvc cache dir --global
    dvc cache dir --system
    dvc cache dir --project
    dvc cache dir --local -u
    dvc cache dir
    dvc cache dir --project --unset
    dvc cache dir
    dvc cache dir --project -u
    cat .dvc/config.local
""")
case("cache-dir-in-subdirectory", """
    mkdir sub
    cd sub
    dvc cache dir
    dvc cache dir elsewhere
    dvc cache dir
    cat ../.dvc/config
    dvc cache dir ~/abs
    dvc cache dir
""", adjust=lambda seen: None)
case("remote-levels", """
    dvc remote add --global -d g ../g
    dvc remote add --system s ../s
    dvc remote add --local l ../l
    dvc remote add p ../p
    dvc remote list
    dvc remote list --local
    dvc remote default
    dvc remote default --local l
    dvc remote default
    dvc remote modify --global g jobs 3
    dvc remote modify --system s jobs 0
    dvc remote rename --local l m
    dvc remote default
    dvc remote remove --global g
    dvc config -l --show-origin
""")


@pytest.mark.live
def test_what_one_writes_the_other_reads(two_tools):
    box = two_tools
    for writes, reads in ((box.cairn, box.real), (box.real, box.cairn)):
        box.use(writes).check("dvc config cache.type hardlink && dvc remote add -f -d r ../store && dvc remote modify r jobs 3"
                              " && dvc config --local studio.token 'a # b' && dvc config --global core.autostage true")
        listed = box.check("dvc config -l").out
        assert box.use(reads).check("dvc config -l").out == listed
        box.check("dvc config -u cache.type && dvc remote remove r && dvc config --local -u studio.token")
