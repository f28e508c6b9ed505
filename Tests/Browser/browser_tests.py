"""Tests in headless Chromium. Prints one line a case, `ok …` or `FAILED …`; the exit status is 1 if a case failed.

Run it with Tests/Browser/run. Each case has a server of its own; all share a browser.
"""

import argparse
import sys
import time
import traceback

import page_scene
from browser import Browser, Failure
from form_cases import FormCases
from page_cases import PageCases
from page_security_cases import PageSecurityCases
from upload_page_cases import UploadPageCases


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program oss-mock-server")
    parser.add_argument("--presigning", required=True, help="the program presigning")
    parser.add_argument("--upload-page", required=True, help="the program upload-page")
    parser.add_argument("--only", default="", help="run the cases whose names contain this text")
    parser.add_argument("--screenshot", help="write the screenshot of the documentation to this file, and run no case")
    setting = parser.parse_args()
    if setting.screenshot:
        page_scene.write(setting.server, setting.screenshot)
        return 0

    failed = 0
    with Browser() as browser:
        setting.browser = browser
        for group in [FormCases, UploadPageCases, PageCases, PageSecurityCases]:
            for name in [name for name, method in vars(group).items() if hasattr(method, "is_case")]:
                title = f"{group.__name__}: {name.replace('_', ' ')}"
                if setting.only not in title:
                    continue
                began = time.monotonic()
                try:
                    case = group(setting)
                    try:
                        getattr(case, name)()
                        case.check()
                    finally:
                        case.close()
                    print(f"ok {title} ({time.monotonic() - began:.1f} s)", flush=True)
                except Exception as error:
                    failed += 1
                    print(f"FAILED {title}: {error}", flush=True)
                    if not isinstance(error, Failure):
                        traceback.print_exc()
    print("all cases passed" if failed == 0 else f"{failed} cases failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
