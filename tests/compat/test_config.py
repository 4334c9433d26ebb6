from harness import case

case("config-set-get", """
    dvc config core.autostage true
    dvc config core.autostage
    dvc config cache.type hardlink,copy
    dvc config -l
    dvc config -l --show-origin
    dvc config -u core.autostage
    dvc config core.autostage
    dvc config -u cache.type
    cat .dvc/config
""")
case("config-unknown", """
    dvc config core.nope
    dvc config core.nope 1
    dvc config core.autostage maybe
    dvc config core
    dvc config -u core.remote
    dvc config nosection.x 1
""")
case("config-levels", """
    dvc config --local core.checksum_jobs 3
    dvc config --global core.autostage true
    dvc config --project core.checksum_jobs 2
    dvc config core.checksum_jobs
    dvc config --local core.checksum_jobs
    dvc config -l
    dvc config -l --show-origin
    dvc config --global -u core.autostage
""")
case("config-upper-case", """
    printf '[CORE]\\n    Autostage = TRUE\\n' > .dvc/config
    dvc config core.autostage
    dvc config CORE.AUTOSTAGE
    dvc config core.remote X
    dvc config -l
""")
# DVC reports the same problem twice in one line; cairn reports the place and the problem once
case("config-malformed", """
    printf '[core\\nautostage = 1\\n' > .dvc/config
  - dvc status
""")
case("config-keeps-comments", """
    printf '# mine\\n[core]\\n    autostage = true # yes\\n' > .dvc/config
    dvc config core.checksum_jobs 4
    cat .dvc/config
""")
case("remote-add", """
    dvc remote add -d rem ../store
    dvc remote add two s3://bucket/path
    dvc remote list
    dvc remote add two /elsewhere
    dvc remote add -f two /elsewhere
    dvc remote list
    dvc remote default
    dvc remote default two
    dvc remote default
""")
case("remote-modify", """
    dvc remote add -d rem s3://bucket/path
    dvc remote modify rem region eu-west-1
    dvc remote modify --local rem access_key_id AKIA
    dvc remote modify rem nosuch 1
    dvc remote modify rem url s3://bucket/other
    dvc remote modify nosuch url /x
    dvc remote modify rem region -u
    dvc config -l
    cat .dvc/config.local
""")
case("remote-remove", """
    dvc remote add -d rem ../store
    dvc remote add other ../store2
    dvc remote remove rem
    dvc remote list
    dvc config -l
    dvc remote remove nosuch
""")
case("remote-rename", """
    dvc remote add -d rem ../store
    dvc remote rename rem new
    dvc remote list
    dvc config core.remote
    dvc remote rename nosuch other
""")
case("remote-relative-url", """
    mkdir sub
    cd sub
    dvc remote add rem ../../store
    dvc remote add abs /tmp/store-abs
    dvc remote add home '~/store'
    cat ../.dvc/config
    dvc remote list
""")
case("remote-default-unset", """
    dvc remote add -d rem ../store
    dvc remote default -u
    dvc remote default
    cat .dvc/config
""")
case("cache-dir", """
    dvc cache dir
    dvc cache dir ../elsewhere
    cat .dvc/config
    dvc cache dir
    echo 1 > a
    dvc add -q a
    dvc cache dir -u
    dvc cache dir
""")
case("config-local-orphan", """
    dvc remote add --local secret ../store
    dvc remote list
    printf "['remote \\"gone\\"']\\n    access_key_id = x\\n" > .dvc/config.local
    dvc status
""")

QUOTED = """[core]
    remote = \"\"\"a 'b' "c"
d\"\"\" # end
"""
case("config-quotes", r"""
    dvc config core.remote "$(printf "it's\n \"x\", y # z")"
    cat .dvc/config
    dvc config core.remote
    cp quoted .dvc/config
    dvc config core.remote
    dvc config --list
    dvc remote add "a]b=c" ../store
    cat .dvc/config
    dvc remote list
""", files={"quoted": QUOTED})
