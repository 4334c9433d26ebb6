"""Servers for tests of remotes: real ones on loopback, each a program of its own that ends with the test run.

    base.py     Server (start, wait, stop), Place (one fresh remote on a server)
    tls.py      certificates, and a TLS front before any server
    s3.py, sshd.py, nginx.py, post_store.py, dav.py, gs.py, azure.py    one kind each
    front.py    checks requests before another server: s3_front.py, gs_front.py
    faulty.py   a proxy that makes faults by plan
    fixtures.py what tests ask for
"""
