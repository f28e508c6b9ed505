#!/usr/bin/env python3
"""Makes one report of the reports of all partitions of a run of ossmirror.

    combine-reports.py [--count N] [--quiet] REPORT...

Each REPORT is what `ossmirror … --partition I/N --json` has printed. Its name ends in `I-of-N.json`: an ossmirror that
could not begin does not know its partition. `--count N` says how many there have to be; otherwise the reports do.

Prints one JSON object: counts are added up, failures and other lists put one after the other, times are those of the
longest. `partitions` says which ones are complete, failed and missing, `problems` what speaks against the whole.

Exit status: 0 every partition is there once and complete; 1 not so; 2 bad usage. Needs nothing but Python 3.8.
"""

import argparse
import json
import os
import re
import sys

# What all machines of one run have in common.
SHARED = ("command", "operation", "remote", "isDryRun")
# Flags that are good when they are true; all others are when they are false.
VERDICTS = ("succeeded", "isComplete", "isEqual")
MOST_REASONS = 20


def read(path):
    """The report in a file, and its partition (index, count) by the file's name."""
    match = re.search(r"(?:^|\D)(\d+)-of-(\d+)\.json$", os.path.basename(path))
    named = (int(match[1]), int(match[2])) if match else None
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
    except FileNotFoundError:
        return None, named, "is not there"
    except (OSError, ValueError) as error:
        # Empty or cut off: the machine ended before its ossmirror could say anything, or it is still running.
        return None, named, f"is not a whole report: {error}"
    if not isinstance(report, dict):
        return None, named, "is not a report"
    return report, named, None


def partition_of(report, named):
    """The partition that a report is about, and what is wrong with that."""
    inside = report.get("partition")
    if not isinstance(inside, dict):
        return named, None if named else "does not say which partition it is of, and neither does the file's name"
    found = (inside.get("index"), inside.get("count"))
    if not all(type(number) is int for number in found) or not 1 <= found[0] <= found[1]:
        return None, f"says that it is of partition {found[0]} of {found[1]}"
    if named and named != found:
        return found, f"is of partition {found[0]} of {found[1]}, and its name says {named[0]} of {named[1]}"
    return found, None


def succeeded(report):
    """Whether a report says that everything was done. One that does not say so says no."""
    verdicts = [report[name] for name in VERDICTS if name in report]
    return bool(verdicts) and all(verdict is True for verdict in verdicts)


def merged(name, values):
    """One value for a field that the reports have several of."""
    if name in VERDICTS:
        return all(value is True for value in values)
    if name == "startTime" and all(isinstance(value, str) for value in values):
        return min(values)
    if all(isinstance(value, bool) for value in values):
        return any(values)
    if all(isinstance(value, (int, float)) for value in values):
        return max(values) if name == "elapsedSeconds" else sum(values)
    if all(isinstance(value, list) for value in values):
        return [element for value in values for element in value]
    if all(isinstance(value, dict) for value in values):
        return merged_fields(values)
    different = [value for index, value in enumerate(values) if value not in values[:index]]
    return different[0] if len(different) == 1 else different


def merged_fields(reports):
    names = dict.fromkeys(name for report in reports for name in report)
    return {name: merged(name, [report[name] for report in reports if name in report]) for name in names}


def marked(report, index):
    """A report whose failures, and whose error if that is what it is, say which partition they are of."""
    report = {name: value for name, value in report.items() if name != "partition"}
    if isinstance(report.get("failures"), list):
        report["failures"] = [
            {**failure, "partition": index} if isinstance(failure, dict) else failure for failure in report["failures"]
        ]
    if "error" in report:
        error = report.pop("error")
        report["errors"] = [{**error, "partition": index} if isinstance(error, dict) else error]
    return report


def combine(paths, count=None):
    """One report for all, of which `problems` is empty if and only if the run is complete."""
    problems, found, counts = [], {}, [count] if count else []
    for path in paths:
        report, named, problem = read(path)
        if report is None:
            problems.append(f"{path} {problem}")
            counts += [named[1]] if named else []
            continue
        partition, problem = partition_of(report, named)
        if problem:
            problems.append(f"{path} {problem}")
        if partition is None:
            continue
        counts.append(partition[1])
        if partition[0] in found:
            problems.append(f"{path}: there is another report of partition {partition[0]}")
            continue
        found[partition[0]] = report

    if len(set(counts)) > 1:
        problems.append(f"the reports are of different numbers of partitions: {sorted(set(counts))}")
    count = counts[0] if counts else 0
    indices = range(1, count + 1)
    complete = [index for index in indices if index in found and succeeded(found[index])]
    failed = [index for index in indices if index in found and index not in complete]
    missing = [index for index in indices if index not in found]
    if not count:
        problems.append("there is no report")
    if failed:
        problems.append(f"not complete: partition {ranges(failed)}")
    if missing:
        problems.append(f"no report: partition {ranges(missing)}")

    reports = [found[index] for index in sorted(found)]
    for name in SHARED:
        values = {json.dumps(report[name]) for report in reports if name in report}
        if len(values) > 1:
            problems.append(f"the reports are not of one run: {name} is {' and '.join(sorted(values))}")

    result = merged_fields([marked(found[index], index) for index in sorted(found)])
    result["succeeded"] = not problems
    result["partitions"] = {"count": count, "complete": complete, "failed": failed, "missing": missing}
    result["again"] = ranges(failed + missing)
    result["problems"] = problems
    return result


def ranges(numbers):
    """Numbers as Slurm and people write them: 1,3-5."""
    spans = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def summary(result):
    """For example `upload: 8 of 8 partitions complete; transferred 120034, deleted 12`."""
    partitions = result["partitions"]
    name = result.get("operation", result.get("command", "nothing"))
    text = f"{name}: {len(partitions['complete'])} of {partitions['count']} partitions complete"
    tallies = [
        f"{name} {value['files']}"
        for name, value in result.items()
        if isinstance(value, dict) and isinstance(value.get("files"), int) and value["files"] > 0
    ]
    return "; ".join([text] + ([", ".join(tallies)] if tallies else []))


def reasons(result):
    """Why it is not complete, a line each, the first few."""
    lines = [
        ": ".join([f"partition {failure.get('partition')}"] + [failure[name] for name in ("path", "message") if name in failure])
        for failure in result.get("failures", []) + result.get("errors", [])
        if isinstance(failure, dict)
    ]
    refusals = result.get("deletionRefusal", [])
    lines += [refusals] if isinstance(refusals, str) else refusals
    return lines[:MOST_REASONS] + ([f"and {len(lines) - MOST_REASONS} more"] if len(lines) > MOST_REASONS else [])


def main():
    parser = argparse.ArgumentParser(description="One report of the reports of all partitions of a run of ossmirror.")
    parser.add_argument("reports", metavar="REPORT", nargs="+", help="a file that ends in I-of-N.json")
    parser.add_argument("--count", type=int, metavar="N", help="how many partitions there have to be")
    parser.add_argument("--quiet", action="store_true", help="print the JSON object only")
    arguments = parser.parse_args()
    if arguments.count is not None and arguments.count < 1:
        parser.error("--count must be at least 1")

    result = combine(arguments.reports, arguments.count)
    json.dump(result, sys.stdout, ensure_ascii=False, sort_keys=True)
    print()
    if not arguments.quiet:
        for line in [summary(result)] + result["problems"] + reasons(result):
            print(line, file=sys.stderr)
    return 0 if result["succeeded"] else 1


if __name__ == "__main__":
    sys.exit(main())
