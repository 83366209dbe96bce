"""Prints what the functions of a stack on an emulator have logged, each line after its function's name."""

import argparse

import boto3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", default="http://127.0.0.1:4566", help="where the emulator answers")
    parser.add_argument("--stack", default="pitboss", help="name of the stack")
    parser.add_argument("function", nargs="?", default="", help="as in the template, less `Function`; all if left out")
    args = parser.parse_args()
    logs = boto3.client(
        "logs",
        endpoint_url=args.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for group in groups(logs, f"/{args.stack}/{args.function}"):
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                for line in event["message"].splitlines():
                    print(group.rpartition("/")[2], line)


def groups(logs, prefix):
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        yield from (group["logGroupName"] for group in page["logGroups"])


if __name__ == "__main__":
    main()
