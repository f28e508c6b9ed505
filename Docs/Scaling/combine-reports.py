#!/usr/bin/env python3
"""Combines the reports of all partitions of an ossmirror run into one report.

    combine-reports.py [--count N] [--quiet] REPORT...

Each REPORT is the output of `ossmirror … --partition I/N --json`. Its name ends in `I-of-N.json`, because the output of
an ossmirror that failed to start does not contain its partition. `--count N` sets the expected number of partitions;
the default is the number in the reports.

Prints one JSON object: counts are sums, lists are concatenated, and `elapsedSeconds` is the maximum. `partitions` lists
the complete, failed and missing partitions, and `problems` all problems.

Exit status: 0 if every partition occurs once and is complete; 1 otherwise; 2 for invalid usage. Requires Python 3.8.
"""

import argparse
import json
import os
import re
import sys

# Fields that are equal in all reports of a run.
SHARED = ("command", "operation", "remote", "isDryRun")
# Flags that indicate success when true. All other flags indicate success when false.
VERDICTS = ("succeeded", "isComplete", "isEqual")
MOST_REASONS = 20


def read(path):
    """Returns the report in a file, the partition (index, count) in the file name, and a problem."""
    match = re.search(r"(?:^|\D)(\d+)-of-(\d+)\.json$", os.path.basename(path))
    named = (int(match[1]), int(match[2])) if match else None
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
    except FileNotFoundError:
        return None, named, "does not exist"
    except (OSError, ValueError) as error:
        # Empty or truncated: the machine stopped before ossmirror finished, or ossmirror is still running.
        return None, named, f"is not a complete report: {error}"
    if not isinstance(report, dict):
        return None, named, "is not a report"
    return report, named, None


def partition_of(report, named):
    """Returns the partition of a report, and a problem."""
    inside = report.get("partition")
    if not isinstance(inside, dict):
        return named, None if named else "has no partition, in neither its content nor its name"
    found = (inside.get("index"), inside.get("count"))
    if not all(type(number) is int for number in found) or not 1 <= found[0] <= found[1]:
        return None, f"has an invalid partition: {found[0]} of {found[1]}"
    if named and named != found:
        return found, f"is for partition {found[0]} of {found[1]}, but its name is for {named[0]} of {named[1]}"
    return found, None


def succeeded(report):
    """Returns whether a report states success. A report without a statement is a failure."""
    verdicts = [report[name] for name in VERDICTS if name in report]
    return bool(verdicts) and all(verdict is True for verdict in verdicts)


def merged(name, values):
    """Combines the values of a field in several reports."""
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
    """Adds the partition to the failures and the error of a report."""
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
    """Combines reports into one, whose `problems` is empty if and only if the run is complete."""
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
            problems.append(f"{path}: duplicate report of partition {partition[0]}")
            continue
        found[partition[0]] = report

    if len(set(counts)) > 1:
        problems.append(f"the reports have different numbers of partitions: {sorted(set(counts))}")
    count = counts[0] if counts else 0
    indices = range(1, count + 1)
    complete = [index for index in indices if index in found and succeeded(found[index])]
    failed = [index for index in indices if index in found and index not in complete]
    missing = [index for index in indices if index not in found]
    if not count:
        problems.append("no reports")
    if failed:
        problems.append(f"not complete: partition {ranges(failed)}")
    if missing:
        problems.append(f"no report: partition {ranges(missing)}")

    reports = [found[index] for index in sorted(found)]
    for name in SHARED:
        values = {json.dumps(report[name]) for report in reports if name in report}
        if len(values) > 1:
            problems.append(f"the reports are not from the same run: {name} is {' and '.join(sorted(values))}")

    result = merged_fields([marked(found[index], index) for index in sorted(found)])
    result["succeeded"] = not problems
    result["partitions"] = {"count": count, "complete": complete, "failed": failed, "missing": missing}
    result["again"] = ranges(failed + missing)
    result["problems"] = problems
    return result


def ranges(numbers):
    """Formats numbers as ranges, such as 1,3-5."""
    spans = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def summary(result):
    """Returns a summary, such as `upload: 8 of 8 partitions complete; transferred 120034, deleted 12`."""
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
    """Returns the first reasons why the run is incomplete, one per line."""
    lines = [
        ": ".join([f"partition {failure.get('partition')}"] + [failure[name] for name in ("path", "message") if name in failure])
        for failure in result.get("failures", []) + result.get("errors", [])
        if isinstance(failure, dict)
    ]
    refusals = result.get("deletionRefusal", [])
    lines += [refusals] if isinstance(refusals, str) else refusals
    return lines[:MOST_REASONS] + ([f"and {len(lines) - MOST_REASONS} more"] if len(lines) > MOST_REASONS else [])


def main():
    parser = argparse.ArgumentParser(description="Combines the reports of all partitions of an ossmirror run.")
    parser.add_argument("reports", metavar="REPORT", nargs="+", help="a file whose name ends in I-of-N.json")
    parser.add_argument("--count", type=int, metavar="N", help="expected number of partitions")
    parser.add_argument("--quiet", action="store_true", help="print only the JSON object")
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
