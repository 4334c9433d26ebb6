"""A repository beside the one under test: files in Git (code, g/c), data (a, d/), two commits, tagged v1 and v2."""

ORIGIN = """cp -r . ../o && cd ../o && mkdir -p d/sub g && echo a > a && echo x > d/x && echo s > d/sub/s \
&& echo c > g/c && echo code > code && chmod +x code && dvc add -q a d && git add -A && git commit -qm one && git tag v1"""
SECOND = """(cd ../o && echo b > a && echo z > d/z && echo c2 > g/c && dvc add -q a d && git add -A \
&& git commit -qm two && git tag -am t v2)"""
BOTH = f"""
    {ORIGIN}
    {SECOND}
"""
