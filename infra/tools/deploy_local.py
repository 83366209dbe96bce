"""Deploys template.yaml to an AWS emulator that is already running, and says where its API answers.

The work is done by `sam deploy`, exactly as for AWS. Four things are added around it: binaries built for this machine, the bucket
and secrets an account would already hold, the routes of the HTTP API, since emulators keep an API's OpenAPI body unread, and the
locks of buckets, which they do not make either. Left out are alarms on formulas of several metrics, at which they stop.
"""

import argparse
import itertools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

BUCKET = "pitboss-code"
CODE_URI = re.compile(r"CodeUri: dist/([\w-]+)/")
FUNCTION_IN_URI = re.compile(r"\$\{(\w+)\.Arn\}")


def main():
    args = arguments()
    use_endpoint(args.endpoint)
    create_bucket()
    for name, document in args.secret:
        create_secret(name, document)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # the SAM CLI does not clean up after itself
        template = bundle(args.template, args.binaries, Path(folder))
        sam_deploy(template, args.stack, args.parameter)
    outputs = stack_outputs(args.stack)
    add_routes(args.stack, outputs["ApiId"])
    lock_buckets(args.stack)
    url = f"{args.endpoint}/_aws/execute-api/{outputs['ApiId']}/$default"
    print(json.dumps({"endpoint": args.endpoint, "url": url, "outputs": outputs}))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", default="http://127.0.0.1:4566", help="where the emulator answers")
    parser.add_argument("--template", type=Path, default=Path("template.yaml"))
    parser.add_argument("--binaries", type=Path, default=Path("target/debug"), help="where cargo puts them")
    parser.add_argument("--stack", default="pitboss", help="name of the stack")
    parser.add_argument("--secret", action="append", default=[], type=secret, metavar="NAME=FILE")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


def secret(text):
    name, _, file = text.partition("=")
    return name, Path(file).read_text(encoding="utf-8")


def use_endpoint(endpoint):
    """Every AWS client, the SAM CLI's too, takes its target and its account from the environment."""
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
    os.environ["SAM_CLI_TELEMETRY"] = "0"
    os.environ.setdefault("SAM_CLI_POLL_DELAY", "1")


def create_bucket():
    s3 = boto3.client("s3")
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        region = {"LocationConstraint": s3.meta.region_name}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)


def create_secret(name, document):
    secrets = boto3.client("secretsmanager")
    try:
        secrets.create_secret(Name=name, SecretString=document)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=document)


def bundle(template, binaries, folder):
    """The template beside a `dist/` of this machine's binaries, without the symbols that make them slow to upload."""
    for crate in sorted(set(CODE_URI.findall(template.read_text(encoding="utf-8")))):
        bootstrap = folder / "dist" / crate / "bootstrap"
        bootstrap.parent.mkdir(parents=True)
        if not (binaries / crate).exists():
            sys.exit(f"{binaries / crate} is missing: cargo build --workspace --bins")
        subprocess.run(["strip", "-o", bootstrap, binaries / crate], check=True)
    bundled = folder / template.name
    bundled.write_text(without_formulas(template.read_text(encoding="utf-8")), encoding="utf-8")
    return bundled


def without_formulas(text):
    """The template without its alarms on metric math: each is a resource whose lines are indented deeper than its name."""
    kept, lines = [], text.splitlines(keepends=True)
    while lines:
        depth = len(lines[0]) - len(lines[0].lstrip(" -"))
        inner = itertools.takewhile(lambda line: not line.strip() or len(line) - len(line.lstrip()) > depth, lines[1:])
        block = [lines[0], *inner]
        is_alarm = len(block) > 1 and block[1].strip() == "Type: AWS::CloudWatch::Alarm"
        if is_alarm and any(line.strip() == "Metrics:" for line in block):
            del lines[: len(block)]
        else:
            kept.append(lines.pop(0))
    return "".join(kept)


def sam_deploy(template, stack, parameters):
    architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    command = [
        Path(sys.executable).with_name("sam"), "deploy", "--language-extensions",
        "--template", template, "--stack-name", stack, "--s3-bucket", BUCKET,
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
        "--parameter-overrides", f"Architecture={architecture}", *parameters,
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stdout)


def stack_outputs(stack):
    [described] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def add_routes(stack, api):
    gateway = boto3.client("apigatewayv2")
    known = {route["RouteKey"] for route in gateway.get_routes(ApiId=api)["Items"]}
    functions = function_arns(stack)
    for route, function in routes(stack):
        if route in known:
            continue
        integration = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=functions[function], PayloadFormatVersion="2.0"
        )
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration['IntegrationId']}")


def routes(stack):
    """`POST /v1/players` with `RegisterFunction`, and so on, from the OpenAPI body of the transformed template."""
    formation = boto3.client("cloudformation")
    template = formation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    for path, methods in template["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            yield f"{method.upper()} {path}", FUNCTION_IN_URI.search(uri).group(1)


def lock_buckets(stack):
    """Gives the buckets the object lock that the template declares."""
    formation = boto3.client("cloudformation")
    [described] = formation.describe_stacks(StackName=stack)["Stacks"]
    parameters = {it["ParameterKey"]: it["ParameterValue"] for it in described.get("Parameters", [])}
    template = formation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    for name, resource in template["Resources"].items():
        lock = resource.get("Properties", {}).get("ObjectLockConfiguration")
        if resource["Type"] != "AWS::S3::Bucket" or not lock:
            continue
        retention = lock["Rule"]["DefaultRetention"]
        days = retention["Days"]
        days = int(parameters[days["Ref"]] if isinstance(days, dict) else days)
        bucket = formation.describe_stack_resource(StackName=stack, LogicalResourceId=name)
        boto3.client("s3").put_object_lock_configuration(
            Bucket=bucket["StackResourceDetail"]["PhysicalResourceId"],
            ObjectLockConfiguration=lock | {"Rule": {"DefaultRetention": retention | {"Days": days}}},
        )


def function_arns(stack):
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    names = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    functions = boto3.client("lambda")
    return {
        logical: functions.get_function_configuration(FunctionName=name)["FunctionArn"]
        for logical, name in names.items()
    }


if __name__ == "__main__":
    main()
