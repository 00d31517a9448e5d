# SPDX-License-Identifier: Apache-2.0
"""The program from the outside: exit codes, streams, files.

usage: cli_test.py PROGRAM VERSION [unittest arguments]
"""
import csv
import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""
VERSION = ""

MODEL = """format = 1
[factory]
name = "small"
flow = ["supply -> press -> b1 -> weld -> shipped"]
[run]
horizon = "2 days"
warmup = "1 h"
replications = 4
seed = 7
[source.supply]
arrivals = "exponential(60 s)"
[machine.press]
cycle = "38 s"
[machine.weld]
cycle = "lognormal(mean = 41 s, cv = 0.15)"
[buffer.b1]
capacity = 5
[sink.shipped]
"""

STUDY = """format = 1
model = "model.toml"
[factor]
"buffer.b1.capacity" = [1, 3, 5]
"machine.weld.cycle.mean" = ["41 s", "50 s"]
[replicate]
count = 3
[measure]
throughput = "throughput"
lead = "mean(lead_time)"
[goal]
maximize = "throughput"
"""

# Two stations feed each other through buffers of one place: sooner or later both are full.
DEADLOCK = """format = 1
[factory]
name = "circle"
flow = ["supply -> a -> q -> b", "b -> out : 20 %", "b -> r : otherwise", "r -> c -> q"]
[run]
horizon = "4 weeks"
replications = 3
[machine.a]
cycle = "1 s"
[machine.b]
cycle = "1 s"
[machine.c]
cycle = "1 s"
[buffer.q]
capacity = 1
[buffer.r]
capacity = 1
[source.supply]
[sink.out]
"""

STATES = ["busy", "setup", "starved", "blocked", "down", "waiting_crew", "idle"]


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def __str__(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file("model.toml", MODEL)
        self.file("study.toml", STUDY)

    def file(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE")}
        env.update(more)
        return env

    def twin(self, *arguments, stdin=b"", stdout=subprocess.PIPE, env=None):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, input=stdin, stdout=stdout, stderr=subprocess.PIPE,
                              env=self.environment(**(env or {})), timeout=300)
        if done.stdout is None:
            done.stdout = b""
        return Result(done)

    def rows(self):
        with open(self.folder / "rows.csv", newline="") as f:
            return list(csv.DictReader(f))

    def check(self, result, code):
        self.assertEqual(result.code, code, str(result))
        return result

    def json_of(self, *arguments):
        return json.loads(self.check(self.twin(*arguments), 0).out)


class Usage(Case):
    def test_version_is_one_line_on_standard_output(self):
        r = self.check(self.twin("--version"), 0)
        self.assertEqual(r.out, f"twin {VERSION}\n")
        self.assertEqual(r.err, "")

    def test_help_has_every_command_and_examples(self):
        r = self.check(self.twin("--help"), 0)
        for command in ("new", "check", "run", "sweep", "compare", "draw", "schema", "explain"):
            self.assertRegex(r.out, rf"\n  {command} ")
        self.assertIn("Examples:", r.out)
        for command in ("run", "sweep", "compare", "draw", "new", "check", "explain"):
            self.assertIn("Examples:", self.check(self.twin(command, "--help"), 0).out)

    def test_no_command_is_a_usage_error_that_shows_the_commands(self):
        r = self.check(self.twin(), 2)
        self.assertEqual(r.out, "")
        self.assertIn("sweep", r.err)

    def test_an_unknown_command_gets_a_suggestion(self):
        r = self.check(self.twin("rn", "model.toml"), 2)
        self.assertIn("unknown command 'rn'; did you mean 'run'?", r.err)
        self.assertEqual(r.out, "")

    def test_an_unknown_option_gets_a_suggestion(self):
        r = self.check(self.twin("run", "model.toml", "--replicatons", "5"), 2)
        self.assertIn("unknown option '--replicatons'; did you mean '--replications'?", r.err)
        self.assertIn("did you mean '--seed'?", self.check(self.twin("run", "--sed=5", "model.toml"), 2).err)

    def test_values_that_cannot_be_are_usage_errors(self):
        for arguments in (["--replications", "none"], ["--replications", "0"], ["--seed", "-1"], ["--threads", "x"],
                          ["--engine", "warp"], ["--color", "blue"], ["--set", "machine.press.cycle"], ["--horizon"]):
            with self.subTest(arguments):
                r = self.check(self.twin("run", "model.toml", *arguments), 2)
                self.assertTrue(r.err.startswith("error: "), r.err)
                self.assertEqual(r.out, "")

    def test_a_wrong_setting_is_a_usage_error_with_a_hint(self):
        r = self.check(self.twin("run", "model.toml", "--set", "machine.pres.cycle=1 s"), 2)
        self.assertIn("machine.press", r.err)
        self.check(self.twin("run", "model.toml", "--horizon", "8 parsecs"), 2)
        self.check(self.twin("run", "model.toml", "--horizon", "8"), 2)

    def test_lanes_run_lines_and_say_why_they_cannot_run_others(self):
        lanes = json.loads(self.check(self.twin("run", "model.toml", "--engine", "lanes", "--json"), 0).out)
        events = json.loads(self.check(self.twin("run", "model.toml", "--engine", "event", "--json"), 0).out)
        self.assertEqual((lanes.pop("engine"), events.pop("engine")), ("lanes", "event"))
        self.assertEqual(lanes, events)
        rework = str(pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "rework_cell.toml")
        r = self.check(self.twin("run", rework, "--engine", "lanes"), 3)
        self.assertIn("E060", r.err)
        self.assertIn("'inspect' sends parts different ways", r.err)
        self.assertIn("'inspect' sends parts different ways", self.check(self.twin("check", rework), 0).out)

    def test_a_missing_file_argument_is_a_usage_error(self):
        for command in ("run", "sweep", "check", "draw", "sensitivity"):
            self.check(self.twin(command), 2)


class Sensitivity(Case):
    def test_every_mean_and_every_buffer_has_a_row(self):
        r = self.check(self.twin("sensitivity", "model.toml", "-q"), 0)
        self.assertIn("small · sensitivities · 4 replications × 2 days (warm-up 1 h) · seed 7", r.out)
        for row in ("supply +arrivals +1 min", "press +cycle +38 s", "weld +cycle +41 s"):
            self.assertRegex(r.out, row + r" +-?[0-9.e-]+ ± [0-9.e-]+")
        self.assertRegex(r.out, r"b1 +5 +-?[0-9.e-]+ ± ")
        self.assertEqual(r.err, "")

    def test_json_has_the_contract_keys(self):
        j = self.json_of("sensitivity", "model.toml", "--json", "-r", "10")
        self.assertEqual(list(j), ["model", "seed", "replications", "status", "kpis", "obstacles", "means", "buffers"])
        self.assertEqual((j["replications"], j["status"], j["obstacles"]), (10, "ok", []))
        self.assertEqual([list(m) for m in j["means"]], [["kind", "name", "mean_s", "throughput", "lead_time"]] * 3)
        self.assertEqual(j["means"][0]["name"], "supply")
        # All that arrives is made: one percent more time between arrivals is one percent less. All means together are all time.
        self.assertAlmostEqual(j["means"][0]["throughput"]["elasticity"]["mean"], -1, delta=0.01)
        whole = sum(m["throughput"]["elasticity"]["mean"] for m in j["means"])
        self.assertAlmostEqual(whole, -1, delta=1e-5)
        self.assertEqual([b["name"] for b in j["buffers"]], ["b1"])
        self.assertEqual(j["buffers"][0]["one_more"]["throughput"]["n"], 10)
        run = self.json_of("run", "model.toml", "--json", "-r", "10")
        self.assertEqual(j["kpis"]["throughput"], run["kpis"]["throughput"])

    def test_the_same_bits_for_any_number_of_threads(self):
        one = self.check(self.twin("sensitivity", "model.toml", "--json", "-r", "20", "--threads", "1"), 0).out
        self.assertEqual(one, self.check(self.twin("sensitivity", "model.toml", "--json", "-r", "20", "--threads", "3"), 0).out)

    def test_what_has_no_derivative_is_refused_with_the_reason(self):
        rework = str(pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "rework_cell.toml")
        r = self.check(self.twin("sensitivity", rework, "-r", "2"), 1)
        self.assertIn("no derivatives: 'inspect' sends parts different ways", r.out)
        million = str(pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "million.toml")
        r = self.check(self.twin("sensitivity", million, "-r", "2", "-q"), 0)
        self.assertIn("'m6' fails after so much work", r.out)
        self.assertRegex(r.out, r"m6.jam +repair +6 min +-0")
        self.check(self.twin("sensitivity", "model.toml", "--engine", "lanes"), 2)


class Run(Case):
    def test_a_report_goes_to_standard_output_and_nothing_else_does(self):
        r = self.check(self.twin("run", "model.toml"), 0)
        self.assertIn("small · 4 replications × 2 days (warm-up 1 h) · seed 7", r.out)
        self.assertRegex(r.out, r"throughput +[0-9.]+ ± [0-9.]+ /h")
        self.assertNotIn("\033", r.out)
        self.assertEqual(r.err, "")

    def test_json_has_the_contract_keys(self):
        j = self.json_of("run", "model.toml", "--json")
        self.assertEqual(list(j), ["model", "engine", "seed", "replications", "status", "kpis", "stations", "buffers"])
        self.assertEqual((j["model"], j["engine"], j["seed"], j["replications"], j["status"]), ("small", "lanes", 7, 4, "ok"))
        self.assertEqual(list(j["kpis"]["throughput"]), ["unit", "mean", "half_width", "n"])
        self.assertEqual(list(j["kpis"]["lead_time"]), ["unit", "mean", "half_width", "n", "p95"])
        self.assertEqual([j["kpis"][k]["unit"] for k in ("throughput", "lead_time", "wip")], ["/h", "s", "parts"])
        self.assertEqual(list(j["stations"]), ["press", "weld"])
        for station in j["stations"].values():
            self.assertEqual(list(station), STATES + ["parts"])
            self.assertAlmostEqual(sum(station[s] for s in STATES), 1, places=12)
        self.assertEqual(list(j["buffers"]), ["b1"])
        self.assertAlmostEqual(j["kpis"]["throughput"]["mean"], 60, delta=3)

    def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads(self):
        one = self.check(self.twin("run", "model.toml", "--json", "--threads", "1"), 0).out
        self.assertEqual(one, self.check(self.twin("run", "model.toml", "--json", "--threads", "2"), 0).out)
        self.assertEqual(one, self.check(self.twin("run", "model.toml", "--json", "--seed", "7"), 0).out)
        self.assertNotEqual(one, self.check(self.twin("run", "model.toml", "--json", "--seed", "8"), 0).out)

    def test_set_changes_the_model(self):
        slow = self.json_of("run", "model.toml", "--json", "--set", "machine.weld.cycle=90 s", "--set", "run.replications=2")
        self.assertAlmostEqual(slow["kpis"]["throughput"]["mean"], 40, delta=1)
        self.assertEqual(slow["replications"], 2)

    def test_options_for_run_settings_change_them(self):
        j = self.json_of("run", "model.toml", "--json", "-r", "2", "--horizon", "1 day", "--warmup", "2 h", "--seed", "3")
        self.assertEqual((j["replications"], j["seed"]), (2, 3))
        r = self.check(self.twin("run", "model.toml", "-r", "2", "--horizon", "1 day", "--warmup", "2 h"), 0)
        self.assertIn("2 replications × 1 day (warm-up 2 h)", r.out)

    def test_a_model_is_read_from_standard_input(self):
        r = self.twin("run", "-", "--json", stdin=MODEL.encode())
        self.assertEqual(self.check(r, 0).out, self.twin("run", "model.toml", "--json").out)

    def test_csv_has_a_row_for_each_replication(self):
        self.check(self.twin("run", "model.toml", "--csv", "rows.csv", "--quiet"), 0)
        rows = self.rows()
        self.assertEqual([r["replication"] for r in rows], ["0", "1", "2", "3"])
        self.assertEqual({r["status"] for r in rows}, {"ok"})
        mean = sum(float(r["throughput_per_h"]) for r in rows) / 4
        j = self.json_of("run", "model.toml", "--json")
        self.assertAlmostEqual(mean, j["kpis"]["throughput"]["mean"], places=9)

    def test_one_replication_still_has_an_interval(self):
        j = self.json_of("run", "model.toml", "--json", "-r", "1")
        self.assertGreater(j["kpis"]["throughput"]["half_width"], 0)

    def test_a_trace_can_be_read_back(self):
        self.check(self.twin("run", "model.toml", "--trace", "run.trace", "-r", "1"), 0)
        data = (self.folder / "run.trace").read_bytes()
        self.assertEqual(data[:8], b"TWINTRC1")
        length = struct.unpack_from("<Q", data, 8)[0]
        self.assertEqual(length % 16, 0)
        head = json.loads(data[16:16 + length])
        self.assertEqual(head["seed"], 7)
        self.assertEqual([s.get("name") for s in head["servers"][:2]], ["press", "weld"])
        records = list(struct.iter_unpack("<QII", data[16 + length:]))
        times = [r[0] & ((1 << 56) - 1) for r in records]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(times[-1], 2 * 86400 * head["ticks_per_second"])
        sinks = sum(1 for r in records if head["kinds"][r[0] >> 56] == "sink")
        self.assertAlmostEqual(sinks / 48, 60, delta=5)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["model.toml", "run.trace", "study.toml"])

    def test_a_run_that_deadlocks_fails_and_says_where(self):
        self.file("circle.toml", DEADLOCK)
        r = self.check(self.twin("run", "circle.toml"), 4)
        self.assertIn("3 of 3 replications did not end well: deadlocked", r.err)
        self.assertEqual(json.loads(self.twin("run", "circle.toml", "--json").out)["status"], "deadlocked")


class Until(Case):
    RULE = "halfwidth(lead_time) < 5 %"

    def test_replications_go_on_until_the_interval_is_as_narrow_as_asked_for(self):
        result = self.check(self.twin("run", "model.toml", "--until", self.RULE), 0)
        self.assertRegex(result.out, r"stopped +after \d+ replications, 1000 at most")
        kpis = self.json_of("run", "model.toml", "--until", self.RULE, "--json")
        self.assertEqual(kpis["stopping"]["reason"], "met")
        self.assertGreaterEqual(kpis["replications"], 10)
        rule = kpis["stopping"]["rules"][0]
        self.assertEqual(rule["rule"], self.RULE)
        self.assertLessEqual(rule["half_width"], 0.05 * rule["mean"])
        self.assertEqual(rule["half_width"], kpis["kpis"]["lead_time"]["half_width"])

    def test_too_few_replications_are_a_failed_check(self):
        result = self.check(self.twin("run", "model.toml", "--until", "halfwidth(throughput) < 0.0001 %", "--at-most", "15"), 1)
        self.assertIn("15 replications, the most allowed", result.err)
        self.assertIn("would do", result.out)

    def test_the_file_may_say_it_and_an_exact_number_sets_it_aside(self):
        self.file("until.toml", MODEL + f'[replicate]\nuntil = "{self.RULE}"\nat_most = 200\n')
        self.assertEqual(self.json_of("run", "until.toml", "--json")["stopping"]["at_most"], 200)
        exact = self.json_of("run", "until.toml", "--json", "-r", "3")
        self.assertEqual(exact["replications"], 3)
        self.assertNotIn("stopping", exact)
        self.assertIn("200 at most", self.check(self.twin("check", "until.toml"), 0).out)

    def test_the_same_bits_on_any_number_of_threads(self):
        call = ("run", "model.toml", "--until", self.RULE, "--json")
        one = self.check(self.twin(*call, "--threads", "1"), 0).out
        self.assertEqual(self.check(self.twin(*call, "--threads", "7"), 0).out, one)
        events = json.loads(self.check(self.twin(*call, "--engine", "event"), 0).out)
        events["engine"] = json.loads(one)["engine"]
        self.assertEqual(events, json.loads(one))

    def test_rules_that_cannot_be_are_usage_errors_with_a_place(self):
        result = self.check(self.twin("run", "model.toml", "--until", "throughput < 3"), 2)
        self.assertIn("E054", result.err)
        self.assertIn("halfwidth(throughput) < 0.5 %", result.err)
        self.check(self.twin("run", "model.toml", "--until", self.RULE, "-r", "5"), 2)
        self.assertIn("E012", self.check(self.twin("run", "model.toml", "--until", "halfwidth(busy(wled)) < 3 %"), 3).err)


class Compare(Case):
    def differences(self, *arguments, code=0):
        result = self.check(self.twin("compare", *arguments, "--json"), code)
        return {(d["variant"], d["measure"]): d for d in json.loads(result.out)["differences"]}

    def test_variants_of_one_file(self):
        result = self.check(self.twin("compare", "model.toml", "--with", "buffer.b1.capacity=12", "--with",
                                      "machine.weld.cycle=45 s; buffer.b1.capacity=2", "-r", "10"), 0)
        self.assertIn("2 variants against 'model'", result.out)
        self.assertRegex(result.out, r"differences are real")
        self.assertEqual(result.err, "")
        found = self.differences("model.toml", "--with", "buffer.b1.capacity=5", "--with",
                                 "machine.weld.cycle=45 s; buffer.b1.capacity=2", "-r", "10")
        self.assertEqual(found["buffer.b1.capacity=5", "throughput"]["verdict"], "same")
        slow = found["machine.weld.cycle=45 s; buffer.b1.capacity=2", "lead_time"]
        self.assertEqual(slow["verdict"], "larger")
        self.assertGreater(slow["mean"], slow["half_width"])

    def test_files_against_the_first(self):
        self.file("fast.toml", MODEL.replace('"lognormal(mean = 41 s, cv = 0.15)"', '"35 s"'))
        found = self.differences("model.toml", "fast.toml", "--measure", "lead=mean(lead_time)", "--measure", "busy(weld)")
        self.assertEqual(set(found), {("fast", "lead"), ("fast", "busy(weld)")})
        self.assertEqual(found["fast", "busy(weld)"]["verdict"], "smaller")
        self.assertEqual(found["fast", "lead"]["unit"], "s")

    def test_measures_and_numbers_of_a_study_are_those_of_its_file(self):
        self.file("own.toml", MODEL + '[measure]\nlead = "p95(lead_time)"\n[replicate]\ncrn = false\n')
        result = json.loads(self.check(self.twin("compare", "own.toml", "--with", "run.horizon=1 day", "--json"), 0).out)
        self.assertEqual([d["measure"] for d in result["differences"]], ["lead"])
        self.assertFalse(result["common_random_numbers"])

    def test_threads_never_change_a_result(self):
        call = ("compare", "model.toml", "--with", "buffer.b1.capacity=12", "--json")
        self.assertEqual(self.twin(*call, "--threads", "1").out, self.twin(*call, "--threads", "7").out)

    def test_what_cannot_be_compared_is_a_usage_error(self):
        for arguments in ([], ["model.toml"], ["model.toml", "--with", "nothing"], ["-", "--with", "run.seed=2"],
                          ["model.toml", "--with", "buffer.b1.capacity=2", "-r", "1"],
                          ["model.toml", "--with", "buffer.b1.capacit=2"],
                          ["model.toml", "model.toml", "--level", "1.5"]):
            self.check(self.twin("compare", *arguments), 2)

    def test_a_measure_that_a_variant_does_not_have_is_named(self):
        self.file("other.toml", MODEL.replace("weld", "glue"))
        result = self.check(self.twin("compare", "model.toml", "other.toml", "--measure", "busy(weld)"), 3)
        self.assertIn("variant 'other'", result.err)

    def test_runs_that_fail_give_5_and_take_part_in_no_difference(self):
        self.file("deadlock.toml", DEADLOCK)
        found = self.differences("model.toml", "deadlock.toml", "--measure", "throughput", code=5)
        self.assertEqual(found["deadlock", "throughput"]["verdict"], "open")
        self.assertIsNone(found["deadlock", "throughput"]["p_value"])
        self.check(self.twin("compare", "deadlock.toml", "deadlock.toml"), 4)


class BadInput(Case):
    def test_bad_files_get_3_and_a_message_with_a_place(self):
        cases = {
            "typo": (MODEL.replace("lognormal", "lognormol"), "lognormal"),
            "unit": (MODEL.replace('"38 s"', "38"), "unit"),
            "toml": (MODEL + "\n[[[", "broken.toml:"),
            "empty": ("", "empty"),
            "binary": (bytes(range(256)) * 20, "broken.toml"),
            "undeclared": (MODEL.replace("press -> b1", "pres -> b1"), "press"),
        }
        for name, (text, expected) in cases.items():
            for command in ("run", "check", "sweep", "draw"):
                with self.subTest(name=name, command=command):
                    self.file("broken.toml", text)
                    r = self.check(self.twin(command, "broken.toml"), 3)
                    self.assertIn(expected, r.err)
                    self.assertRegex(r.err, r"error\[E\d+\]")
                    self.assertEqual(r.out, "")

    def test_all_mistakes_come_at_once(self):
        text = MODEL.replace("lognormal", "lognormol").replace('"38 s"', '"38 parsec"')
        r = self.check(self.twin("run", self.file("broken.toml", text)), 3)
        self.assertEqual(len(re.findall(r"^error\[", r.err, re.M)), 2, r.err)

    def test_a_file_that_is_not_there_is_a_bad_file(self):
        r = self.check(self.twin("run", "nowhere.toml"), 3)
        self.assertIn("nowhere.toml", r.err)

    def test_errors_are_json_when_json_is_asked_for(self):
        r = self.check(self.twin("run", "--json", self.file("broken.toml", MODEL.replace("lognormal", "lognormol"))), 3)
        j = json.loads(r.out)
        self.assertEqual(j["status"], "bad_file")
        self.assertEqual(j["diagnostics"][0]["line"], MODEL[:MODEL.index("lognormal")].count("\n") + 1)

    def test_a_model_without_a_study_cannot_be_swept(self):
        self.assertIn("twin run model.toml", self.check(self.twin("sweep", "model.toml"), 3).err)

    def test_a_study_of_a_measure_that_is_not_there_is_a_bad_file(self):
        self.file("study.toml", STUDY.replace("mean(lead_time)", "busy(oven)"))
        for command in ("sweep", "check"):
            self.assertIn("oven", self.check(self.twin(command, "study.toml"), 3).err)


class Output(Case):
    def test_an_unwritable_file_is_an_error_with_its_name_and_no_half_file(self):
        for arguments in (["run", "model.toml", "--csv", "no/such/rows.csv"], ["run", "model.toml", "--trace", "no/such/run.trace"],
                          ["sweep", "study.toml", "--output", "no/such/rows.csv"], ["draw", "model.toml", "-o", "no/such/m.svg"]):
            with self.subTest(arguments):
                r = self.check(self.twin(*arguments), 4)
                self.assertIn("no/such/", r.err)
                self.assertFalse((self.folder / "no").exists())

    def test_a_full_disk_is_an_error(self):
        for arguments in (["run", "model.toml"], ["run", "model.toml", "--json"], ["sweep", "study.toml"], ["schema"], ["--help"],
                          ["--version"], ["explain"], ["draw", "model.toml"], ["check", "model.toml"]):
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                r = self.check(self.twin(*arguments, stdout=full), 4)
                self.assertIn("No space left on device", r.err)
        self.assertIn("No space left", self.check(self.twin("run", "model.toml", "--csv", "/dev/full"), 4).err)
        self.assertIn("No space left", self.check(self.twin("run", "model.toml", "--trace", "/dev/full"), 4).err)

    def test_a_limit_on_the_size_of_files_is_an_error_and_leaves_no_file(self):
        done = subprocess.run([PROGRAM, "run", "model.toml", "--trace", "all.trace"], cwd=self.folder, capture_output=True,
                              env=self.environment(), timeout=300,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000)))
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(b"File too large", done.stderr)
        self.assertEqual([p.name for p in self.folder.glob("*all*")], [])

    def test_a_closed_pipe_is_an_error_and_not_a_crash(self):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as closed:
            r = self.check(self.twin("schema", stdout=closed), 4)
        self.assertIn("Broken pipe", r.err)

    def test_a_file_that_is_replaced_is_replaced_whole(self):
        self.file("rows.csv", "old")
        self.check(self.twin("run", "model.toml", "--csv", "rows.csv"), 0)
        self.assertTrue((self.folder / "rows.csv").read_text().startswith("replication,"))

    def test_colours_follow_option_environment_and_terminal(self):
        self.assertIn("\033[", self.twin("run", "model.toml", "--color", "always").out)
        self.assertNotIn("\033[", self.twin("run", "model.toml").out)
        self.assertIn("\033[", self.twin("run", "model.toml", env={"CLICOLOR_FORCE": "1"}).out)
        self.assertNotIn("\033[", self.twin("run", "model.toml", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}).out)
        self.assertNotIn("\033[", self.twin("run", "model.toml", "--color=never", env={"CLICOLOR_FORCE": "1"}).out)


class Sweep(Case):
    def test_designs_are_ranked(self):
        r = self.check(self.twin("sweep", "study.toml"), 0)
        self.assertIn("study · 6 scenarios · 18 runs · seed 7", r.out)
        self.assertRegex(r.out, r"Best: buffer\.b1\.capacity = \d, machine\.weld\.cycle\.mean = 41 s, ")
        self.assertRegex(r.err, r"^6 scenarios, 18 runs in ")

    def test_json_has_the_contract_keys(self):
        r = self.check(self.twin("sweep", "study.toml", "--json", "--quiet"), 0)
        self.assertEqual(r.err, "")
        j = json.loads(r.out)
        self.assertEqual(list(j), ["study", "scenarios", "runs", "engine", "seed", "cpu_s", "wall_s", "status", "guarantee", "operations", "best"])
        self.assertEqual((j["study"], j["scenarios"], j["runs"], j["engine"], j["seed"], j["status"]),
                         ("study", 6, 18, "lanes", 7, "ok"))
        self.assertEqual(len(j["best"]), 6)
        best = j["best"][0]
        self.assertEqual(list(best), ["parameters", "kpis"])
        self.assertEqual(list(best["kpis"]), ["throughput", "lead"])
        self.assertEqual(list(best["kpis"]["throughput"]), ["mean", "half_width", "n"])
        means = [b["kpis"]["throughput"]["mean"] for b in j["best"]]
        self.assertEqual(means, sorted(means, reverse=True))

    def test_threads_never_change_a_result(self):
        best = [self.json_of("sweep", "study.toml", "--json", "--threads", n)["best"] for n in ("1", "2")]
        self.assertEqual(*best)

    def test_the_csv_has_a_row_for_each_scenario(self):
        self.check(self.twin("sweep", "study.toml", "--output", "rows.csv", "--top", "2"), 0)
        rows = self.rows()
        self.assertEqual(len(rows), 6)
        self.assertEqual({r["status"] for r in rows}, {"ok"})
        self.assertIn("throughput_per_h", rows[0])

    def test_replications_are_those_of_each_design(self):
        j = self.json_of("sweep", "study.toml", "--json", "-r", "2")
        self.assertEqual(j["runs"], 12)

    def test_conditions_that_no_design_meets_give_1(self):
        self.file("study.toml", STUDY + 'subject_to = ["lead < 1 s"]\n')
        r = self.check(self.twin("sweep", "study.toml"), 1)
        self.assertIn("no scenario meets the conditions", r.err)

    def test_some_failed_scenarios_give_5_and_the_others_are_ranked(self):
        self.file("circle.toml", DEADLOCK)
        self.file("study.toml", 'format = 1\nmodel = "circle.toml"\n[factor]\n"buffer.r.capacity" = [1, 100000000]\n'
                                '[replicate]\ncount = 2\n')
        r = self.check(self.twin("sweep", "study.toml", "--json", "--horizon", "1 day"), 5)
        j = json.loads(r.out)
        self.assertEqual(j["status"], "failed")
        self.assertEqual(j["best"][0]["parameters"]["buffer.r.capacity"], 100000000)

    def test_all_failed_scenarios_give_4(self):
        self.file("circle.toml", DEADLOCK)
        self.file("study.toml", 'format = 1\nmodel = "circle.toml"\n[factor]\n"buffer.r.capacity" = [1, 2]\n')
        self.check(self.twin("sweep", "study.toml"), 4)


class Interrupted(Case):
    def begin(self, *arguments):
        return subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment())

    def interrupt(self, process, after_s):
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        out, err = process.communicate(timeout=60)
        return time.monotonic() - asked, out.decode(), err.decode()

    def test_a_long_run_ends_soon_with_130_and_the_command_to_run_again(self):
        process = self.begin("run", "model.toml", "--horizon", "5000 days", "-r", "1000", "--csv", "rows.csv")
        seconds, out, err = self.interrupt(process, 1)
        self.assertEqual(process.returncode, 130, err)
        self.assertLess(seconds, 5)
        self.assertIn("twin run model.toml --horizon '5000 days' -r 1000 --csv rows.csv", err)
        if (self.folder / "rows.csv").exists():
            rows = self.rows()
            self.assertTrue(rows)
            self.assertEqual({r["status"] for r in rows}, {"ok"})

    def test_a_sweep_keeps_what_is_finished(self):
        process = self.begin("sweep", "study.toml", "--set", "replicate.count=10000000", "--output", "rows.csv", "--json")
        seconds, out, err = self.interrupt(process, 1.5)
        self.assertEqual(process.returncode, 130, err)
        self.assertLess(seconds, 5)
        self.assertIn("interrupted", err)
        if out:
            self.assertEqual(json.loads(out)["status"], "stopped")
            rows = self.rows()
            self.assertTrue(all(int(r["n"]) > 0 for r in rows))

    def test_progress_is_one_line_that_is_redrawn_on_a_terminal(self):
        main, side = pty.openpty()
        process = subprocess.Popen([PROGRAM, "run", "model.toml", "--horizon", "5000 days", "-r", "1000"], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=side, env=self.environment())
        os.close(side)
        seen = b""
        end = time.monotonic() + 60
        while time.monotonic() < end and seen.count(b"\r") < 3:
            if select.select([main], [], [], 1)[0]:
                seen += os.read(main, 4096)
        process.send_signal(signal.SIGINT)
        process.wait(60)
        os.close(main)
        self.assertRegex(seen.decode(), r"\r[\d,]+/1,000 replications · ")


class OtherCommands(Case):
    def test_check_reports_loads_and_the_bound(self):
        r = self.check(self.twin("check", "model.toml"), 0)
        self.assertIn("weld", r.out)
        self.assertRegex(r.out, r"Throughput cannot exceed \S+ /h")
        j = self.json_of("check", "model.toml", "--json")
        self.assertAlmostEqual(j["loads"]["weld"]["load"], 41 / 60, places=6)

    def test_check_lays_out_studies(self):
        self.assertIn("Study 'study': 6 scenarios, 3 replications each.", self.check(self.twin("check", "study.toml"), 0).out)

    def test_check_says_what_a_latin_hypercube_leaves_out(self):
        self.file("lhs.toml", STUDY + """[parameter]
r = { from = 1, to = 4 }
[design]
method = "lhs"
points = 8
where = "r < 3"
""")
        out = self.check(self.twin("check", "lhs.toml"), 0).out
        self.assertIn("4 scenarios, 3 replications each.\n4 of its 8 points do not meet the conditions and are left out.\n", out)
        out = self.check(self.twin("check", "lhs.toml", "--set", "design.method=sobol"), 0).out
        self.assertIn("8 scenarios, 3 replications each.\n", out)
        self.assertNotIn("left out", out)

    def test_denied_findings_give_1(self):
        path = self.file("slow.toml", MODEL.replace('"38 s"', '"90 s"'))
        r = self.check(self.twin("check", path), 0)
        code = re.search(r"warning\[(W\d+)\]", r.out).group(1)
        self.check(self.twin("check", path, "--deny", code), 1)
        self.check(self.twin("check", path, "--deny", "all"), 1)
        self.check(self.twin("check", path, "--deny", "W999"), 2)

    def test_the_worst_of_several_files_counts(self):
        self.check(self.twin("check", "model.toml", self.file("broken.toml", "nonsense")), 3)

    def test_draw_writes_svg_dot_and_mermaid(self):
        self.assertTrue(self.check(self.twin("draw", "model.toml"), 0).out.startswith("<svg "))
        self.assertTrue(self.check(self.twin("draw", "model.toml", "--as", "dot"), 0).out.startswith("digraph "))
        self.assertTrue(self.check(self.twin("draw", "model.toml", "--as", "mermaid"), 0).out.startswith("flowchart LR"))
        self.check(self.twin("draw", "model.toml", "-o", "m.dot"), 0)
        self.assertTrue((self.folder / "m.dot").read_text().startswith("digraph "))
        self.check(self.twin("draw", "model.toml", "--as", "png"), 2)

    def test_schema_is_json(self):
        self.assertIn("$schema", json.loads(self.check(self.twin("schema"), 0).out))

    def test_codes_are_explained(self):
        every = self.check(self.twin("explain"), 0).out.split("\n")
        self.assertGreater(len(every), 10)
        code = every[0].split()[0]
        self.assertGreater(len(self.check(self.twin("explain", code.lower()), 0).out), 40)
        r = self.check(self.twin("explain", code + "0"), 2)
        self.assertIn("did you mean", r.err)

    def test_every_template_checks_without_findings_runs_and_sweeps(self):
        for template in ("line", "rework", "assembly", "job-mix"):
            with self.subTest(template):
                self.check(self.twin("new", template, template), 0)
                self.assertEqual({p.name for p in (self.folder / template).iterdir()}, {"model.toml", "study.toml", "README.md"})
                self.check(self.twin("check", f"{template}/model.toml", f"{template}/study.toml", "--deny", "all"), 0)
                self.check(self.twin("run", f"{template}/model.toml", "-r", "2"), 0)
                self.check(self.twin("sweep", f"{template}/study.toml", "-r", "2", "--horizon", "2 weeks", "--warmup", "1 day"), 0)

    def test_new_overwrites_nothing(self):
        (self.folder / "mine").mkdir()
        self.file("mine/model.toml", "mine")
        r = self.check(self.twin("new", "mine"), 4)
        self.assertIn("there already", r.err)
        self.assertEqual([p.name for p in (self.folder / "mine").iterdir()], ["model.toml"])
        self.assertEqual((self.folder / "mine" / "model.toml").read_text(), "mine")
        self.assertIn("did you mean 'rework'?", self.check(self.twin("new", "rewrk", "x"), 2).err)

    def test_it_starts_sooner_than_python(self):
        if b"__asan_init" in pathlib.Path(PROGRAM).read_bytes():
            self.skipTest("a sanitizer takes most of the start")
        mine, python = [PROGRAM, "--version"], [sys.executable, "-c", ""]
        rounds = [(self.timed(mine), self.timed(python)) for _ in range(10)]
        self.assertLess(min(r[0] for r in rounds), min(r[1] for r in rounds))

    def timed(self, command):
        begin = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - begin


if __name__ == "__main__":
    PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
    VERSION = sys.argv[2]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
