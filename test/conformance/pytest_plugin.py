"""A pytest plugin for public suites that run against this project's HTTP server.

Loaded with `-p pytest_plugin` by scripts/conformance.mjs. It writes each test's outcome as a line of
JSON to the file that TIDETABLE_RESULTS names, runs tests marked as expected to fail as others are,
and stands in for packages that only other parts of a suite's repository need.
TIDETABLE_SUITE names the suite; what is done for one alone is at the end.
"""

import json
import os
import sys
import types

import pytest

RESULTS = os.environ["TIDETABLE_RESULTS"]
SUITE = os.environ["TIDETABLE_SUITE"]


class Absent:
    """Stands for anything of a package that is not here; to use it is an error."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError("this package is not here")


def stand_in(name, **members):
    module = types.ModuleType(name)
    for key, value in members.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module


class Outcomes:
    """One line for each test: its worst phase decides."""

    def __init__(self):
        self.file = open(RESULTS, "w", encoding="utf-8")
        self.worst = {}

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report):
        name = report.nodeid
        before = self.worst.get(name, ("passed", ""))
        if report.failed:
            self.worst[name] = ("failed", last_line(report))
        elif report.skipped and before[0] != "failed":
            self.worst[name] = ("skipped", last_line(report))
        else:
            self.worst.setdefault(name, before)
        if report.when == "teardown":
            outcome, why = self.worst[name]
            self.file.write(json.dumps({"test": name, "outcome": outcome, "why": why}) + "\n")
            self.file.flush()

    @pytest.hookimpl
    def pytest_collectreport(self, report):
        if report.failed:
            line = {"test": report.nodeid, "outcome": "failed", "why": last_line(report)}
            self.file.write(json.dumps(line) + "\n")


def last_line(report):
    text = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else report.longreprtext
    lines = [line for line in text.splitlines() if line.startswith("E ")]
    return " ".join((lines or text.splitlines() or [""])[:3])[:400]


def pytest_configure(config):
    config.pluginmanager.register(Outcomes(), "tidetable-outcomes")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        # The suite's own mark of a test that the real service is known to fail.
        if "dynamodb_bug" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip_env(reason="dynamodb_bug"))


if SUITE == "alternator":
    # The suite's own switch for "this is the real service" looks at the host's name.
    @pytest.fixture(scope="session")
    def host():
        return "127.0.0.1"

    stand_in("test.cqlpy", __path__=[])
    stand_in("test.cqlpy.conftest", host=host)
    stand_in("test.cqlpy.util", config_value_context=Absent)
    stand_in("test.pylib.driver_utils", safe_driver_shutdown=Absent)
    stand_in("test.pylib.report_plugin", ReportPlugin=type("ReportPlugin", (), {}))
    nothing = types.SimpleNamespace(tag=lambda *_: None, label=lambda *_: None)
    stand_in("allure", dynamic=nothing)
    import _pytest.scope

    # A name that newer pytest no longer has; the suite uses it in an annotation alone.
    if not hasattr(_pytest.scope, "_ScopeName"):
        _pytest.scope._ScopeName = str

    class NoHostAvailable(Exception):
        pass

    class Cluster:
        def __init__(self, *args, **kwargs):
            raise NoHostAvailable()

    stand_in("cassandra", ConsistencyLevel=Absent, InvalidRequest=Exception)
    stand_in(
        "cassandra.cluster",
        Cluster=Cluster,
        ConsistencyLevel=Absent,
        ExecutionProfile=Absent,
        EXEC_PROFILE_DEFAULT=None,
        NoHostAvailable=NoHostAvailable,
    )
    stand_in("cassandra.auth", PlainTextAuthProvider=lambda **kwargs: None)
    stand_in("cassandra.policies", RoundRobinPolicy=Absent)
    stand_in("cassandra.query", SimpleStatement=Absent)

    import test.alternator.util as util

    util.is_aws = lambda dynamodb: True

if SUITE == "moto":
    # Only tests that freeze the clock need it, and those never run against the service.
    stand_in("freezegun", freeze_time=lambda *args, **kwargs: lambda test: test)

    # Policies name the account, which the suite asks another service for.
    import boto3

    own_client = boto3.client

    def client(name, *args, **kwargs):
        if name != "sts":
            return own_client(name, *args, **kwargs)
        identity = {"Account": "000000000000"}
        return types.SimpleNamespace(get_caller_identity=lambda: identity)

    boto3.client = client
