# SPDX-License-Identifier: Apache-2.0
"""Stores of sweeps from the outside: nothing is lost, nothing is mixed up, and the bits are always the same.

usage: store_test.py PROGRAM [unittest arguments]
"""
import csv
import ctypes
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""

# Failures by the calendar keep it from lanes: a second or two of work, event by event.
STUDY = """format = 1
[factory]
name = "line"
flow = ["supply -> press -> b1 -> weld -> shipped"]
[run]
horizon = "6 days"
warmup = "1 day"
seed = 7
[source.supply]
arrivals = "exponential(60 s)"
[machine.press]
cycle = "exponential(38 s)"
[machine.press.failure.jam]
every = "exponential(4 h)"
repair = "exponential(20 min)"
clock = "calendar"
[machine.weld]
cycle = "lognormal(mean = 41 s, cv = 0.15)"
[buffer.b1]
capacity = 5
[sink.shipped]
[factor]
"buffer.b1.capacity" = [1, 2, 3, 5, 8]
"machine.weld.cycle.mean" = ["41 s", "50 s"]
[replicate]
count = 80
[[refine]]
best = 2
count = 160
[measure]
throughput = "throughput"
lead = "mean(lead_time)"
[goal]
maximize = "throughput"
"""


def blocks_of(store):
    """Every block of every round, by name, as a hash."""
    found = {}
    for path in sorted(pathlib.Path(store).rglob("*.tblk")):
        found[str(path.relative_to(store))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


class StoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.write("study.toml", STUDY)

    def write(self, name, text):
        (self.path / name).write_text(text)

    def command(self, *arguments):
        return [PROGRAM, *map(str, arguments)]

    def twin(self, *arguments, code=0, **options):
        done = subprocess.run(self.command(*arguments), cwd=self.path, capture_output=True, text=True, timeout=300,
                              stdin=subprocess.DEVNULL, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def start(self, *arguments, **options):
        return subprocess.Popen(self.command(*arguments), cwd=self.path, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def sweep(self, store, *arguments, **options):
        return self.twin("sweep", "study.toml", "--store", store, "--json", *arguments, **options)

    def best(self, done):
        return json.loads(done.stdout)["best"]

    def reference(self):
        """The answer without a store, and the blocks of a store that nothing happened to; a copy is in reference.twin."""
        cls = type(self)
        if not hasattr(cls, "kept_reference"):
            plain = self.twin("sweep", "study.toml", "--json")
            kept = self.sweep("reference.twin", "--threads", 1)
            self.assertEqual(self.best(plain), self.best(kept))
            blocks = blocks_of(self.path / "reference.twin")
            self.assertEqual({name.split("/")[0] for name in blocks}, {"blocks", "round-1"})
            cls.kept_reference = self.best(plain), blocks
            cls.reference_store = tempfile.TemporaryDirectory()
            cls.addClassCleanup(cls.reference_store.cleanup)
            shutil.copytree(self.path / "reference.twin", cls.reference_store.name + "/s")
        else:
            shutil.copytree(cls.reference_store.name + "/s", self.path / "reference.twin")
        return cls.kept_reference

    # --- the same bits ---

    def test_threads_and_shards_give_the_same_blocks(self):
        best, blocks = self.reference()
        self.assertEqual(self.best(self.sweep("two.twin", "--threads", 2)), best)
        self.assertEqual(blocks_of(self.path / "two.twin"), blocks)

        shards = list(range(7))
        random.Random(5).shuffle(shards)
        for shard in shards:
            done = self.sweep(f"shard-{shard}.twin", "--shard", f"{shard}/7")
            use = json.loads(done.stdout)["store"]
            self.assertEqual(use["made"] + use["missing"], use["blocks"])
            self.assertEqual(json.loads(done.stdout)["status"], "stopped")
            self.assertEqual(json.loads(done.stdout)["best"], [])
            self.assertIn("twin resume", done.stderr)
        stores = [f"shard-{shard}.twin" for shard in shards]
        merged = json.loads(self.twin("merge", "merged.twin", *stores, "--json").stdout)
        self.assertEqual(merged["missing"], 0)
        # The second round needs all of the first.
        self.assertEqual(self.best(self.twin("resume", "merged.twin", "--json")), best)
        self.assertEqual(blocks_of(self.path / "merged.twin"), blocks)

    def test_shards_share_one_folder(self):
        best, blocks = self.reference()
        for shard in (2, 0, 1):
            self.sweep("s.twin", "--shard", f"{shard}/3")
        # The last of the first round has begun the second, of which it makes its share.
        self.assertEqual(self.best(self.twin("resume", "s.twin", "--json")), best)
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)

    def test_killed_twenty_times(self):
        best, blocks = self.reference()
        chance = random.Random(11)
        kept = []
        for _ in range(20):
            job = self.start("sweep", "study.toml", "--store", "s.twin", "--threads", 2, "--quiet")
            time.sleep(chance.uniform(0.01, 0.25))
            job.send_signal(signal.SIGKILL)
            job.communicate()
            kept.append(len(blocks_of(self.path / "s.twin")))
            self.assertEqual(kept, sorted(kept), "a block was lost")
            there = blocks_of(self.path / "s.twin")
            self.assertEqual(there, {name: blocks[name] for name in there})
        self.assertEqual(self.best(self.twin("resume", "s.twin", "--json")), best)
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)
        self.assertEqual([path for path in (self.path / "s.twin").rglob("*.tmp")], [])

    def test_two_writers(self):
        best, blocks = self.reference()
        jobs = [self.start("sweep", "study.toml", "--store", "s.twin", "--json", "--threads", 1) for _ in range(3)]
        for job in jobs:
            output, errors = job.communicate(timeout=300)
            self.assertEqual(job.returncode, 0, errors)
            self.assertEqual(json.loads(output)["best"], best)
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)

    def test_times_of_files_mean_nothing(self):
        _, blocks = self.reference()
        self.sweep("s.twin", "--shard", "0/2")
        # Files from the future and from long ago.
        for number, path in enumerate(sorted((self.path / "s.twin").rglob("*"))):
            os.utime(path, (2**31 - 5, 2**31 - 5) if number % 2 else (1, 1))
        self.twin("resume", "s.twin")
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)

    # --- stopping and going on ---

    def test_interrupt_keeps_what_is_done(self):
        best, blocks = self.reference()
        job = self.start("sweep", "study.toml", "--store", "s.twin", "--threads", 1, "--progress", "json")
        while not blocks_of(self.path / "s.twin") and job.poll() is None:
            time.sleep(0.01)
        job.send_signal(signal.SIGINT)
        _, errors = job.communicate(timeout=60)
        self.assertEqual(job.returncode, 130, errors)
        self.assertIn("blocks are kept; go on: twin resume s.twin", errors)
        kept = blocks_of(self.path / "s.twin")
        self.assertTrue(kept)
        done = self.twin("resume", "s.twin", "--json")
        self.assertEqual(self.best(done), best)
        use = json.loads(done.stdout)["store"]
        self.assertGreaterEqual(use["found"], len(kept))
        self.assertEqual(use["found"] + use["made"], len(blocks))
        self.assertEqual(blocks_of(self.path / "s.twin"), blocks)

    def test_interrupt_without_a_store_says_how_to_keep(self):
        job = self.start("sweep", "study.toml", "--threads", 1, "--progress", "json")
        job.stderr.readline()  # it has begun
        job.send_signal(signal.SIGINT)
        _, errors = job.communicate(timeout=60)
        self.assertEqual(job.returncode, 130, errors)
        self.assertIn("--store", errors)

    def test_a_complete_store_is_reported_at_once(self):
        first = self.sweep("s.twin")
        again = self.twin("resume", "s.twin", "--json")
        self.assertEqual(self.best(again), self.best(first))
        self.assertEqual(json.loads(again.stdout)["store"]["runs_made"], 0)
        text = self.twin("resume", "s.twin", "--output", "designs.csv").stdout
        self.assertIn("throughput", text)
        with open(self.path / "designs.csv") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 10)

    def test_progress_as_json_lines(self):
        done = self.sweep("s.twin", "--progress", "json")
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        self.assertTrue(lines)
        for line in lines:
            self.assertEqual(line["event"], "progress")
            self.assertLessEqual(line["done"], line["total"])
        self.assertEqual(lines[-1]["done"], lines[-1]["total"])
        self.assertEqual([line["elapsed_s"] for line in lines], sorted(line["elapsed_s"] for line in lines))

    def test_dry_run(self):
        estimate = json.loads(self.twin("sweep", "study.toml", "--dry-run", "--json").stdout)
        self.assertEqual(estimate["designs"], 10)
        self.assertEqual(estimate["runs"], 10 * 80 + 2 * 80)
        self.assertEqual(estimate["engine"], "event")
        took = json.loads(self.sweep("s.twin", "--threads", 1).stdout)["cpu_s"]
        # On a machine with other work, a factor of three either way.
        self.assertLess(estimate["run_cpu_s"] * estimate["runs"] / took, 3)
        self.assertGreater(estimate["run_cpu_s"] * estimate["runs"] / took, 1 / 3)
        size = sum(path.stat().st_size for path in (self.path / "s.twin").rglob("*.tblk"))
        self.assertLess(abs(estimate["store_bytes"] / size - 1), 0.1)
        self.assertIn("about", self.twin("sweep", "study.toml", "--dry-run").stdout)

    # --- what goes wrong ---

    def test_other_studies_are_refused(self):
        self.sweep("s.twin", "--shard", "0/4")
        before = blocks_of(self.path / "s.twin")
        done = self.sweep("s.twin", "--seed", 8, code=3)
        self.assertIn("seed: 8 here, 7 there", done.stderr)
        done = self.sweep("s.twin", "--set", "machine.press.cycle.mean=39 s", code=3)
        self.assertIn("press.cycle", done.stderr)
        # The name of the file is none of its numbers.
        shutil.copy(self.path / "study.toml", self.path / "copy.toml")
        self.twin("sweep", "copy.toml", "--store", "s.twin", "--shard", "0/4")
        done = self.sweep("s.twin", "--replications", 3, code=3)
        self.assertIn("replications: 3 here, 80 there", done.stderr)
        self.assertEqual(blocks_of(self.path / "s.twin"), before)

        manifest = self.path / "s.twin" / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"seed": 7', '"seed": 8', 1))
        done = self.twin("resume", "s.twin", code=3)
        self.assertIn("manifest.json", done.stderr)

    def test_merge_refuses_other_studies(self):
        self.sweep("a.twin", "--shard", "0/2")
        self.sweep("b.twin", "--shard", "1/2", "--seed", 8)
        done = self.twin("merge", "m.twin", "a.twin", "b.twin", code=3)
        self.assertIn("seed", done.stderr)
        self.assertFalse((self.path / "m.twin").exists())

    def damage(self, store, number=3):
        block = self.path / store / "blocks" / f"{number:08}.tblk"
        content = bytearray(block.read_bytes())
        content[len(content) // 2] ^= 4
        block.write_bytes(content)

    def test_a_damaged_block_is_found_and_made_again(self):
        best, blocks = self.reference()
        self.damage("reference.twin")
        done = self.twin("verify", "reference.twin", code=1)
        self.assertIn("00000003.tblk", done.stdout)
        self.twin("export", "reference.twin", "--output", "runs.csv", code=4)
        self.assertFalse((self.path / "runs.csv").exists())
        done = self.twin("resume", "reference.twin", "--json")
        self.assertEqual(self.best(done), best)
        self.assertIn("damaged block was made again", done.stderr)
        self.assertEqual(blocks_of(self.path / "reference.twin"), blocks)
        self.assertEqual(len(list((self.path / "reference.twin").rglob("*.damaged"))), 1)
        self.twin("verify", "reference.twin")

    def forge(self, store, row):
        """Changes a number and makes the checksum fit: only simulating it again can tell."""
        block = self.path / store / "blocks" / "00000000.tblk"
        content = bytearray(block.read_bytes()[:-4])
        rows = struct.unpack_from("<Q", content, 48)[0]
        place = 64 + 8 * (2 * rows + row)  # the first measure
        value = struct.unpack_from("<d", content, place)[0]
        struct.pack_into("<d", content, place, value * (1 + 2**-50))
        block.write_bytes(content + struct.pack("<I", crc32c(content)))

    def test_a_forged_row_is_found(self):
        self.sweep("s.twin")
        self.forge("s.twin", 5)
        self.assertIn("all checksums fit", self.twin("verify", "s.twin", "--sample", 0).stdout)
        self.twin("verify", "s.twin", "--row", 4)
        report = json.loads(self.twin("verify", "s.twin", "--row", 5, "--json", code=1).stdout)
        self.assertEqual([(f["row"], f["column"]) for f in report["faults"]], [(5, "throughput")])
        self.assertEqual(report["records"][0]["replication"], 5)
        self.assertIn("machine.weld.cycle.mean", report["records"][0]["factors"])
        self.assertFalse(report["records"][0]["is_same"])
        self.twin("verify", "s.twin", "--sample", 100000, code=1)

    def test_a_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system takes root")
        disk = self.path / "disk"
        disk.mkdir()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"tmpfs", bytes(disk), b"tmpfs", 0, b"size=64k") != 0:
            self.skipTest("this machine does not let us mount")
        try:
            best, blocks = self.reference()
            done = self.sweep("disk/s.twin", code=4)
            self.assertIn("No space left on device", done.stderr)
            self.assertIn("twin resume disk/s.twin", done.stderr)
            there = blocks_of(disk / "s.twin")
            self.assertTrue(there)
            self.assertEqual(there, {name: blocks[name] for name in there})
            libc.mount(b"tmpfs", bytes(disk), b"tmpfs", 32, b"size=4m")  # MS_REMOUNT
            self.assertEqual(self.best(self.twin("resume", "disk/s.twin", "--json")), best)
            self.assertEqual(blocks_of(disk / "s.twin"), blocks)
        finally:
            libc.umount(bytes(disk))

    def test_a_disk_that_cannot_be_written(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system takes root")
        disk = self.path / "disk"
        disk.mkdir()
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"tmpfs", bytes(disk), b"tmpfs", 0, b"size=4m") != 0:
            self.skipTest("this machine does not let us mount")
        try:
            self.sweep("disk/s.twin", "--shard", "0/2")
            before = blocks_of(disk / "s.twin")
            libc.mount(b"tmpfs", bytes(disk), b"tmpfs", 32 | 1, b"")  # MS_REMOUNT | MS_RDONLY
            self.assertIn("Read-only file system", self.sweep("disk/new.twin", code=4).stderr)
            self.assertIn("Read-only file system", self.twin("resume", "disk/s.twin", code=4).stderr)
            self.twin("status", "disk/s.twin")
            self.twin("verify", "disk/s.twin")
            self.assertEqual(blocks_of(disk / "s.twin"), before)
        finally:
            libc.umount(bytes(disk))

    def test_two_stores_that_disagree_are_not_merged(self):
        _, blocks = self.reference()
        shutil.copytree(self.path / "reference.twin", self.path / "forged.twin")
        self.forge("forged.twin", 5)
        done = self.twin("merge", "forged.twin", "reference.twin", code=1)
        self.assertIn("not the same bits", done.stderr)
        self.assertEqual(blocks_of(self.path / "reference.twin"), blocks)

    def test_files_that_may_not_grow(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
        done = self.sweep("s.twin", code=4, preexec_fn=limit)
        self.assertIn("File too large", done.stderr)
        self.assertEqual(blocks_of(self.path / "s.twin"), {})

    def test_places_where_no_store_can_be(self):
        self.write("file", "")
        for place in ("file", "file/s.twin", "none/s.twin", "/proc/s.twin"):
            done = self.sweep(place, code=4)
            self.assertIn(place.split("/")[-1], done.stderr)
        (self.path / "mine").mkdir()
        self.write("mine/letter.txt", "dear")
        done = self.sweep("mine", code=4)
        self.assertIn("letter.txt", done.stderr)
        self.assertEqual(os.listdir(self.path / "mine"), ["letter.txt"])
        for command in ("resume", "status", "verify"):
            self.twin(command, "none.twin", code=3)
        self.twin("sweep", "study.toml", "--shard", "0/2", code=2)
        for shard in ("2/2", "1", "a/2", "1/0", "-1/2", "1/2/3"):
            self.twin("sweep", "study.toml", "--store", "s.twin", f"--shard={shard}", code=2)
        self.assertFalse((self.path / "s.twin").exists())

    # --- reading ---

    def test_status_export_and_columns(self):
        self.sweep("s.twin", "--shard", "0/2")
        status = json.loads(self.twin("status", "s.twin", "--json").stdout)
        self.assertFalse(status["is_complete"])
        self.assertEqual(status["rounds"][0]["rows"], 800)
        self.assertIn("twin resume s.twin", self.twin("status", "s.twin").stdout)
        self.twin("export", "s.twin", "--output", "half.csv", code=4)
        self.twin("export", "s.twin", "--output", "half.csv", "--partial")
        self.twin("resume", "s.twin")
        self.assertTrue(json.loads(self.twin("status", "s.twin", "--json").stdout)["is_complete"])

        self.twin("status", "s.twin", "--catalogue")
        for place in ("s.twin", "s.twin/round-1"):
            with sqlite3.connect(self.path / place / "catalogue.sqlite") as database:
                (count,), = database.execute("select count(*) from blocks")
            self.assertEqual(count, len(list((self.path / place / "blocks").iterdir())))

        self.twin("export", "s.twin", "--output", "runs.csv")
        with open(self.path / "runs.csv") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 800)
        self.assertEqual([(float(r["design"]), float(r["replication"])) for r in rows],
                         [(d, r) for d in range(10) for r in range(80)])
        with open(self.path / "half.csv") as file:
            half = list(csv.DictReader(file))
        self.assertTrue(0 < len(half) < 800)
        by_row = {r["row"]: r for r in rows}
        self.assertTrue(all(by_row[r["row"]] == r for r in half))
        self.twin("export", "s.twin", "--output", "runs.sqlite")
        with sqlite3.connect(self.path / "runs.sqlite") as database:
            (count, mean), = database.execute("select count(*), avg(throughput) from rows where status = 'ok'")
        self.assertEqual(count, 800)
        self.assertAlmostEqual(mean, sum(float(r["throughput"]) for r in rows) / 800, places=12)
        self.twin("export", "s.twin", "--output", "runs.npy", "--round", 1)
        self.assertTrue((self.path / "runs.npy").read_bytes().startswith(b"\x93NUMPY"))
        self.twin("export", "s.twin", "--output", "runs.npy", "--round", 2, code=2)
        self.twin("export", "s.twin", "--output", "runs.txt", code=2)

        # The means of the report are those of the rows.
        best = self.best(self.twin("resume", "s.twin", "--json", "--top", 10))
        for design in best:
            wanted = {"buffer.b1.capacity": [1, 2, 3, 5, 8].index(design["parameters"]["buffer.b1.capacity"]),
                      "machine.weld.cycle.mean": [41, 50].index(design["parameters"]["machine.weld.cycle.mean"])}
            number = 2 * wanted["buffer.b1.capacity"] + wanted["machine.weld.cycle.mean"]
            values = [float(r["lead"]) for r in rows if float(r["design"]) == number]
            if design["kpis"]["lead"]["n"] == 80:
                self.assertAlmostEqual(design["kpis"]["lead"]["mean"], sum(values) / 80, places=9)
        self.assertEqual(sorted(design["kpis"]["lead"]["n"] for design in best), [80] * 8 + [160] * 2)

    def test_designs_from_a_file_go_with_the_store(self):
        self.write("study.toml", re.sub(r"\[factor\].*?(?=\[replicate\])", '[design]\nmethod = "file"\nfile = "d.csv"\n', STUDY, flags=re.S))
        self.write("d.csv", "buffer.b1.capacity,machine.weld.cycle.mean\n2,41\n4,50\n")
        first = self.sweep("s.twin")
        os.remove(self.path / "d.csv")
        self.assertEqual(self.best(self.twin("resume", "s.twin", "--json")), self.best(first))
        self.twin("verify", "s.twin", "--sample", 20)
        # Another file of that name is another study.
        self.write("d.csv", "buffer.b1.capacity,machine.weld.cycle.mean\n3,41\n4,50\n")
        self.assertIn("design", self.sweep("s.twin", code=3).stderr)


def crc32c(content):
    """CRC-32C (Castagnoli), bit by bit."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
