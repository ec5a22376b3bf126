#!/usr/bin/env python3
"""A build backend in one file: six verbs as JSON on stdin and stdout, state in a folder.

    echo '{"verb":"trigger","idempotencyKey":"k1","metadata":{"command":"make"}}' | ./backend.py --state /var/lib/builds

`trigger` starts a supervisor that is detached and outlives the call. A build is a folder:
request.json, cancel (somebody does not want it any more), stop (it is to stand still), state.json (whether
it does, and how often it was let go on), output.log and result.json, which is written once. The supervisor
holds a lock on its folder while it lives, so nobody has to trust a pid.
"""
import argparse
import fcntl
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

GRACE_SECONDS = 2.0


class Refused(Exception):
    """An answer that is an error. `retryable`: the same call may succeed later."""

    def __init__(self, code, message, retryable=False, hint=None):
        super().__init__(message)
        self.answer = {"code": code, "message": message, "retryable": retryable}
        if hint:
            self.answer["hint"] = hint


def write(path, value, once=False):
    """The whole file or none of it. With `once` the first writer wins."""
    staged = "%s.%d" % (path, os.getpid())
    with open(staged, "w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    if not once:
        return os.replace(staged, path)
    try:
        os.link(staged, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(staged)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def lock(folder, wait=False):
    """The folder's lock, or None while a supervisor has it."""
    file = open(os.path.join(folder, "lock"), "a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return file
    except BlockingIOError:
        file.close()
        return None


def known(state, build):
    folder = os.path.join(state, build)
    if not re.fullmatch(r"[0-9a-f]{32}", build) or not os.path.exists(os.path.join(folder, "request.json")):
        raise Refused("unknown_build", "there is no build %r" % build, hint="use an id that trigger returned")
    return folder


def trigger(state, question):
    metadata = question.get("metadata", {})
    if not metadata.get("command", "").strip():
        raise Refused("nothing_to_run", "there is no command", hint='put a shell command into metadata "command"')
    # The same key names the same folder: a second trigger finds the first one's build.
    build = hashlib.sha256(question["idempotencyKey"].encode()).hexdigest()[:32]
    folder = os.path.join(state, build)
    os.makedirs(folder, exist_ok=True)
    request = os.path.join(folder, "request.json")
    if not os.path.exists(request):
        write(request, {key: question.get(key, []) for key in ("base", "head", "metadata")}, once=True)
    # A second supervisor finds the lock taken, or the result written, and leaves.
    if not os.path.exists(os.path.join(folder, "started")):
        subprocess.Popen([sys.executable, os.path.abspath(__file__), "--state", state, "--supervise", build], start_new_session=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {"id": build}


def status(state, question):
    folder = known(state, question["id"])
    metadata = read(os.path.join(folder, "request.json"))["metadata"]
    result = read(os.path.join(folder, "result.json"))
    if result is None and any(os.path.exists(os.path.join(folder, mark)) for mark in ("started", "cancel")):
        held = lock(folder)
        if held is None:
            return {"status": "running", "metadata": metadata}
        # Nobody watches it any more. A supervisor may have finished since the look above: its word counts.
        write(os.path.join(folder, "result.json"), outcome(folder, None), once=True)
        held.close()
        result = read(os.path.join(folder, "result.json"))
    if result is None:
        return {"status": "accepted", "metadata": metadata}
    return {"status": result["status"], "metadata": {**metadata, **result["metadata"]}}


def cancel(state, question):
    folder = known(state, question["id"])
    if not os.path.exists(os.path.join(folder, "result.json")):
        write(os.path.join(folder, "cancel"), True)
    return {}


def stop(state, question):
    folder = known(state, question["id"])
    return wish(folder, lambda: write(os.path.join(folder, "stop"), True), "stopped") and {}


def start(state, question):
    folder = known(state, question["id"])
    return {"generation": wish(folder, lambda: remove(os.path.join(folder, "stop")), "running")["generation"]}


def progress(state, question):
    folder = known(state, question["id"])
    if os.path.exists(os.path.join(folder, "result.json")):
        return {"generation": standing(folder)["generation"], "state": "ended"}
    return standing(folder)


def standing(folder):
    return read(os.path.join(folder, "state.json")) or {"generation": 1, "state": "waiting"}


def wish(folder, say, wanted):
    """Tell the supervisor, and wait until it has done it, or the build is over."""
    if not os.path.exists(os.path.join(folder, "result.json")) and standing(folder)["state"] == "waiting":
        raise Refused("not_running", "the build does not run yet", retryable=True)
    say()
    until = time.monotonic() + 10
    while standing(folder)["state"] != wanted and not os.path.exists(os.path.join(folder, "result.json")):
        if time.monotonic() > until:
            raise Refused("not_done", "the build is not %s yet" % wanted, retryable=True)
        time.sleep(0.02)
    return standing(folder)


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def outcome(folder, code, seconds=0.0):
    known_facts = {"durationMs": str(round(seconds * 1000))}
    if os.path.exists(os.path.join(folder, "cancel")):
        return {"status": "cancelled", "metadata": {**known_facts, "reason": "cancelled"}}
    if code is None:
        return {"status": "failed", "metadata": {"infrastructure": "true", "reason": "lost", "detail": "the process that watched the build is gone"}}
    known_facts["exitCode"] = str(code)
    if code == 0:
        return {"status": "succeeded", "metadata": known_facts}
    return {"status": "failed", "metadata": {**known_facts, "failedSide": "head", "reason": "exit_code"}}


def supervise(state, build):
    """Run the build's command in a process group of its own and write down how it ended."""
    folder = known(state, build)
    held = lock(folder)
    started = os.path.join(folder, "started")
    if held is None or os.path.exists(started):
        return
    write(started, True)
    request = read(os.path.join(folder, "request.json"))
    work = os.path.join(folder, "work")
    os.makedirs(work, exist_ok=True)
    changes = "\n".join(change["uri"] for side in ("base", "head") for change in request[side])
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": work, "CHANGES": changes}
    # What trigger got for the build, its name and its credentials among it. It is written nowhere.
    environment.update((name, value) for name, value in os.environ.items() if name.startswith("MILLRACE_"))
    begun = time.monotonic()
    code = None
    if not os.path.exists(os.path.join(folder, "cancel")):
        with open(os.path.join(folder, "output.log"), "ab") as log:
            child = subprocess.Popen(["sh", "-c", request["metadata"]["command"]], cwd=work, env=environment, start_new_session=True,
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        code = watch(child, folder)
    write(os.path.join(folder, "result.json"), outcome(folder, code, time.monotonic() - begun), once=True)


def watch(child, folder):
    generation, stopped, kill_at = 1, False, None
    note = lambda: write(os.path.join(folder, "state.json"), {"generation": generation, "state": "stopped" if stopped else "running"})
    note()
    while True:
        try:
            child.wait(0.05)
            break
        except subprocess.TimeoutExpired:
            cancelled = os.path.exists(os.path.join(folder, "cancel"))
            wanted = os.path.exists(os.path.join(folder, "stop")) and not cancelled
            if wanted != stopped:
                os.killpg(child.pid, signal.SIGSTOP if wanted else signal.SIGCONT)
                stopped = wanted
                generation += 0 if stopped else 1
                note()
            if kill_at is None and cancelled:
                kill_at = time.monotonic() + GRACE_SECONDS
                os.killpg(child.pid, signal.SIGTERM)
            elif kill_at is not None and time.monotonic() >= kill_at:
                os.killpg(child.pid, signal.SIGKILL)
    try:
        os.killpg(child.pid, signal.SIGKILL)  # what the command left behind is not part of the build
    except (ProcessLookupError, PermissionError):
        pass
    return child.returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True, help="the folder that holds the builds")
    parser.add_argument("--supervise", metavar="BUILD", help=argparse.SUPPRESS)
    options = parser.parse_args()
    state = os.path.abspath(options.state)
    if options.supervise:
        return supervise(state, options.supervise)
    question = json.load(sys.stdin.buffer)
    verbs = {"trigger": trigger, "status": status, "cancel": cancel, "stop": stop, "start": start, "progress": progress}
    try:
        verb = verbs.get(question.get("verb"))
        if verb is None:
            raise Refused("unknown_verb", "there is no verb %r" % question.get("verb"))
        answer = verb(state, question)
    except Refused as refused:
        answer = {"error": refused.answer}
    except OSError as error:
        answer = {"error": {"code": "state_folder", "message": str(error), "retryable": True}}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
