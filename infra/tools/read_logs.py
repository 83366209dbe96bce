"""Prints what a function of a stack on an emulator has logged."""

import argparse

import boto3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", default="http://127.0.0.1:4566", help="where the emulator answers")
    parser.add_argument("--stack", default="pitboss", help="name of the stack")
    parser.add_argument("function", help="its name in the template, without `Function`")
    args = parser.parse_args()
    logs = boto3.client(
        "logs",
        endpoint_url=args.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/{args.stack}/{args.function}")
    for page in pages:
        for event in page["events"]:
            print(event["message"].rstrip())


if __name__ == "__main__":
    main()
