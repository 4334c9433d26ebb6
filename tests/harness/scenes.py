"""Commands that change something, each with the script that prepares its scene, for fault injection and kill tests."""

from .faults import md5

TREE = "echo one > a && mkdir -p d/sub && echo x > d/x && echo y > d/y && echo z > d/sub/z && head -c 150000 /dev/zero > d/big"
TRACKED = TREE + " && dvc add -q a d && git add -A && git commit -qm data"
STORE = TRACKED + " && dvc remote add -q -d r ../store && git commit -qam remote"
PUSHED = STORE + " && dvc push -q"
OLD = b"older\n"
ORIGIN = ("cp -r . ../o && cd ../o && mkdir -p d/sub && echo 1 > d/1 && echo 2 > d/sub/2 && dvc add -q d && git add -A && git commit -qm o"
          " && cd ../repo")
NEWER = "(cd ../o && echo 3 > d/3 && rm d/1 && dvc add -q d && git add -A && git commit -qm n)"
# Each command writes its file in one call, so that a command killed in the middle leaves nothing or all of it.
PIPELINE = """
cat > dvc.yaml <<'E'
stages:
  one: {cmd: 'mkdir -p o && cat a > o/1 && cat d/x > o/2', deps: [a, d], outs: [o]}
  two: {cmd: 'm=$(cat o/1 o/2) && echo "$m" > m.json', deps: [o], outs: [m.json]}
E
"""

# Each file is moved into place as a whole, because a stage that runs when cairn dies continues to run.
SIDE_BY_SIDE = """
cat > dvc.yaml <<'E'
stages:
  one: {cmd: 'mkdir -p o && cp a ../1 && mv ../1 o/1 && cp d/x ../2 && mv ../2 o/2', deps: [a, d], outs: [o]}
  two: {cmd: 'cat o/1 o/2 > ../m && mv ../m m.json', deps: [o], outs: [m.json]}
  three: {cmd: 'cp a ../3 && mv ../3 c', deps: [a], outs: [c]}
E
"""

Y, Z = b"y\n", b"z\n"


def at(content):
    """The path of an object in a cache."""
    return f"{md5(content)[:2]}/{md5(content)[2:]}"


# name -> (script that prepares the scene, command, options of sweep())
SCENES = {
    "add": (f"{TREE} && echo older > a && dvc add -q a && echo one > a", "add a d", {}),
    "add-in-directory": (f"{TRACKED} && echo new > d/sub/n && echo more > d/sub/z", "add d/sub", {}),
    "add-hardlink": (f"dvc config cache.type hardlink && {TREE}", "add a d", {}),
    "add-symlink": (f"dvc config cache.type symlink && {TREE}", "add a d", {}),
    "commit": (f"{TRACKED} && echo two > a && echo more > d/x && rm d/y && echo n > d/sub/n", "commit -f", {}),
    "checkout": (f"{TRACKED} && echo older > d/x && dvc add -q d && git checkout -q d.dvc && rm a d/sub/z d/big", "checkout", {}),
    "checkout-all": (f"{TRACKED} && rm -r a d", "checkout", {}),
    "checkout-hardlink": (f"{TRACKED} && dvc config cache.type hardlink", "checkout --relink", {}),
    "checkout-symlink": (f"{TRACKED} && dvc config cache.type symlink && rm -r d", "checkout --relink", {}),
    "checkout-kinds": (f"{TRACKED} && rm -r a d && mkdir a && echo q > a/q && echo q > d && dvc commit -qf && git checkout -q a.dvc d.dvc",
                       "checkout", {}),
    "push": (STORE, "push", {}),
    "push-runs": (STORE + PIPELINE + "dvc repro -q", "push", {}),
    "pull": (f"{PUSHED} && rm -rf .dvc/cache a d", "pull", {"cache_is_whole": False}),
    "fetch": (f"{PUSHED} && rm -rf .dvc/cache", "fetch", {"cache_is_whole": False}),
    "gc": (f"{TRACKED} && echo older > a && dvc add -q a && git checkout -q a.dvc && dvc checkout -q", "gc -w -f",
           {"garbage": [md5(OLD)]}),
    "gc-cloud": (f"{PUSHED} && echo older > a && dvc add -q a && dvc push -q && git checkout -q a.dvc && dvc checkout -q",
                 "gc -w -c -f", {"garbage": [md5(OLD)]}),
    "move": (TRACKED, "move a b", {"refused_again": ["Unable to find DVC file with output"]}),
    "move-directory": (f"{TRACKED} && mkdir e", "move d e/f", {"refused_again": ["Unable to find DVC file with output"]}),
    "remove": (TRACKED, "remove d.dvc", {"refused_again": ["does not exist", "not find"]}),
    "repro": (TRACKED + PIPELINE, "repro", {}),
    "repro-jobs": (TRACKED + SIDE_BY_SIDE, "repro -j 2", {"any_order": True}),
    "import": (ORIGIN, "import -f ../o d", {}),
    "import-file": (ORIGIN, "import -f ../o d/sub/2 -o f", {}),
    "import-url": (ORIGIN, "import-url -f ../o/d", {}),
    "update": (f"{ORIGIN} && dvc import -q ../o d && {NEWER}", "update d.dvc", {}),
    "fsck-repair": (f"{PUSHED} && cd .dvc/cache/files/md5 && rm {at(Y)} && chmod +w {at(Z)} && echo q > {at(Z)} && chmod 444 {at(Z)}",
                    "fsck --repair", {"garbage": [md5(Y), md5(Z)], "says_error": False}),
    "cache-migrate": (f"{TRACKED} && sed -i '/hash: md5/d' a.dvc d.dvc && mv .dvc/cache/files/md5/* .dvc/cache && rm -r .dvc/cache/files",
                      "cache migrate", {"cache_is_whole": False}),
    "dataset-add": (ORIGIN, "dataset add x --dvc ../o", {"refused_again": ["already exists"]}),
    "dataset-update": (f"{ORIGIN} && dvc dataset add -q x --dvc ../o && {NEWER}", "dataset update x --rev HEAD", {}),
    "remote-remove": (f"{STORE} && dvc remote default --local r", "remote remove r", {"refused_again": ["doesn't exist"]}),
    "remote-rename": (f"{STORE} && dvc remote default --local r", "remote rename r s", {"refused_again": ["already exists"]}),
    "unprotect": (f"dvc config cache.type symlink && {TRACKED}", "unprotect a d", {}),
}
