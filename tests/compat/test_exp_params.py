"""exp run -S: every form of override on every kind of parameter file, and the resulting file."""
from harness import case
from harness.adjust import forget_text

PIPELINE = """\
params:
- PARAMS
stages:
  run:
    cmd: echo running
    always_changed: true
"""


def overrides(name, params, words, file="params.yaml"):
    """One experiment per override, each from the same file, whose values are printed after each."""
    steps = "    git add -A && git commit -qm base\n"
    for i, word in enumerate(words):
        steps += f"    dvc exp run -n e{i} {word}\n  = dvc params diff --all --json --targets {file}\n    git checkout -q .\n"
    case(name, steps, files={file: params, "dvc.yaml": PIPELINE.replace("PARAMS", file)},
         adjust=lambda seen: forget_text(seen, file, "other.json"))


YAML = """\
lr: 0.1   # the rate
net: {layers: 2, act: relu}
list:
- 1
- 2
flag: true
name: base
nothing:
deep:
  a:
    b: 1  # b
"""

overrides("set-scalars", YAML, [
    "-S lr=0.2", "-S lr=1e-3", "-S lr=5", "-S lr=abc", "-S lr=", "-S lr=null", "-S lr=true", "-S lr=yes", "-S lr=010",
    "-S lr=0x1F", "-S lr=1_000", "-S lr=nan", "-S lr=inf",
])
overrides("set-quoted", YAML, [
    "-S \"name='two words'\"", "-S 'name=\"q r\"'", "-S 'name=a b'", "-S name=a.b", "-S name=a:b", "-S 'name=a=b'",
    "-S \"name='true'\"", "-S \"name='5'\"", "-S 'name=\\$x'",
])
overrides("set-containers", YAML, [
    "-S 'list=[1,2,x]'", "-S 'list=[]'", "-S 'net={layers:3}'", "-S 'net={}'", "-S 'lr={a:1,b:[2,3]}'", "-S net=5",
    "-S 'list=3'", "-S 'lr=[1,{a:b},[2]]'",
])
overrides("set-nested", YAML, ["-S deep.a.b=2", "-S net.layers=4", "-S net.act=tanh -S net.layers=5", "-S deep.a=7",
                               "-S deep.a.b=2 -S deep.a.b=3"])
overrides("append-and-remove", YAML, [
    "-S +new=1", "-S +deep.a.c=2", "-S +x.y.z=1", "-S ++lr=3", "-S ++brand=new", "-S '~name'", "-S '~net.act'", "-S '~deep'",
    "-S '~name=base'", "-S '+lr=1'",
])
overrides("casts", YAML, ["-S 'lr=int(3.7)'", "-S 'lr=str(1)'", "-S 'lr=float(2)'", "-S 'lr=bool(1)'"])
overrides("set-errors", YAML, [
    "-S newp=1", "-S deep.x=1", "-S '~nosuch'", "-S '~name=other'", "-S lr", "-S =1", "-S 'lr=[1'", "-S nofile.yaml:lr=1",
    "-S lr=1,2",
])
overrides("json", '{"a": 1, "b": {"c": [1, 2]}, "s": "x"}\n', [
    "-S p.json:a=2", "-S p.json:b.c=[3,4]", "-S p.json:+n=1", "-S 'p.json:~s'", "-S p.json:a=1.5",
], file="p.json")
overrides("toml", '# top\nlr = 0.1  # rate\n[net]\nlayers = 2\nact = "relu"\n', [
    "-S p.toml:lr=0.2", "-S p.toml:net.layers=3", "-S p.toml:net.act=tanh", "-S 'p.toml:net.layers=[1,2]'",
    "-S p.toml:lr=3",
], file="p.toml")
overrides("python", 'LR = 0.1  # rate\nNAME = "x"\n\n\nclass Net:\n    layers = 2\n', [
    "-S p.py:LR=0.2", "-S p.py:Net.layers=3", "-S p.py:LR=5",
], file="p.py")
overrides("several-files", YAML, ["-S lr=2 -S other.json:a=3", "-S other.json:a=4 -S lr=3", "-S lr=5 -S other.json:+a=3"])

case("typed-params-in-lock", """
    git add -A && git commit -qm base
    dvc exp run -n a -S lr=1e-5 -S 'layers=[1,2]' -S name=yes
    dvc params diff
  = dvc params diff --json
    dvc exp show --csv
""", files={
    "params.yaml": "lr: 0.1\nlayers: [3]\nname: x\n",
    "dvc.yaml": "stages:\n  s:\n    cmd: echo 1 > o\n    params: [lr, layers, name]\n    outs: [o]\n",
}, values=("params.yaml",), adjust=lambda seen: forget_text(seen, "params.yaml"))
