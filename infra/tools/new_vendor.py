"""Lays down a new game vendor: a module that works, its contract table, and its line wherever vendors are listed.

    python3 infra/tools/new_vendor.py game acme

What is laid down speaks an invented protocol, passes its own contract table and can be deployed. Make it say what the
vendor's documents say; docs/integrations.md tells in which order.
"""

import hashlib
import hmac
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKELETON = pathlib.Path(__file__).resolve().parent / "new_vendor"
CALLS = {"balance": "asks for a balance", "bet": "takes a stake", "win": "pays winnings", "rollback": "undoes a transaction"}


class Stop(Exception):
    """Why nothing can be laid down."""


class Vendor:
    """A vendor by its names: `acme` in settings and paths, `Acme` in code."""

    def __init__(self, name):
        if not re.fullmatch(r"[a-z][a-z0-9]{1,30}", name):
            raise Stop(f"{name}: a name is lower-case letters and digits, 2 to 31 of them")
        self.name = name
        self.type = name[0].upper() + name[1:]
        self.secret = f"pitboss-demo-{name}-secret"
        self.catalogue = [
            {"code": f"{name}_dice", "name": f"{self.type} Dice", "category": "instant", "rtp": "97.00",
             "min_stake": "0.10", "max_stake": "100.00", "features": []}
        ]

    def fill(self, text):
        return text.replace("__name__", self.name).replace("__Name__", self.type)


class Tree:
    """The files to change: all are changed, or none."""

    def __init__(self):
        self.files = {}

    def read(self, path):
        return self.files.get(path) or (ROOT / path).read_text()

    def add(self, path, text):
        if (ROOT / path).exists():
            raise Stop(f"{path} is there already")
        self.files[path] = text

    def insert(self, path, before, text, places=1):
        """Puts text before each of the places where `before`, a regular expression, begins a line."""
        old = self.read(path)
        found = len(re.findall(before, old, re.MULTILINE))
        if found != places:
            raise Stop(f"{path} has {found} places for {text.split()[0]}, not {places}")
        self.files[path] = re.sub(before, lambda it: text + it.group(0), old, flags=re.MULTILINE)

    def write(self):
        for path, text in self.files.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text)


def game(vendor, tree):
    """A game vendor that calls our wallet."""
    folder = f"shared/vendors/src/games/{vendor.name}"
    for file in ["mod.rs", "wire.rs", "render.rs", "launch.rs"]:
        tree.add(f"{folder}/{file}", vendor.fill((SKELETON / "game" / file).read_text()))
    table = f"tests/contracts/games/{vendor.name}.toml"
    tree.add(table, vendor.fill((SKELETON / "game/contract.toml").read_text()))

    tree.insert("shared/vendors/src/games/mod.rs", r"^mod answers;$", f"pub mod {vendor.name};\n")
    listed(vendor, tree)
    contracts = "shared/vendors/tests/contracts"
    tree.insert(f"{contracts}/side.rs", r'^            "caleta" =>',
                f'            "{vendor.name}" => Self::Mac(secret("/games/{vendor.name}/secret")),\n')
    tree.insert(f"{contracts}/tables.rs", r"^#\[test\]\nfn caleta", vendor.fill(
        '#[test]\nfn __name__() {\n    complete(include_str!("../../../../tests/contracts/games/__name__.toml"), '
        '"__Name__Answer/properties/status");\n}\n\n'))

    tree.insert("template.yaml", r"^  CaletaGameWalletFunction:$",
                vendor.fill((SKELETON / "game/template.yaml").read_text()))
    # Its log and errors, and the alarms on what comes to its door.
    tree.insert("template.yaml", r"^      - Hub88GameWallet$", f"      - {vendor.type}GameWallet\n", places=2)
    described(vendor, tree)
    tree.add(f"events/samples/game-wallet-{vendor.name}.json", sample(vendor, tree))
    configured(vendor, tree)


def listed(vendor, tree):
    """One line in the registry, in the order of names, and the count of them."""
    path = "shared/vendors/src/games/registry.rs"
    text = tree.read(path)
    pattern = r"(?:^    \(\w+::INTEGRATION, .*\n)+"
    lines = re.search(pattern, text, re.M).group(0).splitlines(keepends=True)
    lines.append(vendor.fill("    (__name__::INTEGRATION, |it| made(it, __name__::__Name__::new)),\n"))
    text = re.sub(pattern, lambda _: "".join(sorted(lines)), text, flags=re.M)
    text = re.sub(r"^(const VENDORS: \[\(&str, Make\); )\d+", rf"\g<1>{len(lines)}", text, flags=re.M)
    text = re.sub(r"^use super::\{GameLauncher, GameWallet, ", f"use super::{{GameLauncher, GameWallet, {vendor.name}, ",
                  text, flags=re.M)
    tree.files[path] = text


def described(vendor, tree):
    """The calls in the OpenAPI document, each answered in the same form."""
    path = "functions/openapi/src/openapi.json"
    answer = {"$ref": f"#/components/schemas/{vendor.type}Answer"}

    def response(description):
        return {"description": description, "content": {"application/json": {"schema": answer}}}

    for call, what in CALLS.items():
        operation = {"post": {
            "tags": ["Game vendors"],
            "operationId": f"{vendor.name}{call.capitalize()}",
            "summary": f"{vendor.type} {what}",
            "security": [{"requestSign": []}],
            "requestBody": {"required": True, "content": {"application/json": {
                "schema": {"$ref": f"#/components/schemas/{vendor.type}Call"}}}},
            "responses": {
                "200": response("Done, or refused: see `status`."),
                "400": response("The call is not what the protocol says."),
                "401": response("The signature is missing or wrong."),
                "404": response("The protocol has no such call."),
                "413": {"$ref": "#/components/responses/TooLarge"},
                "503": response("The outcome is not known: to be sent again."),
            }}}
        tree.insert(path, r'^    "/webhooks/games/hub88/user/info": \{', entry(f"/webhooks/games/{vendor.name}/{call}", operation))
    text = {"type": "string"}
    schemas = {
        f"{vendor.type}Call": {
            "type": "object",
            "required": ["player", "currency"],
            "properties": {name: text for name in
                           ["player", "currency", "game", "round", "transaction", "amount", "target"]}
            | {"round_closed": {"type": "boolean"}},
        },
        f"{vendor.type}Answer": {
            "type": "object",
            "required": ["status"],
            "properties": {"status": {"type": "string", "enum": statuses()}, "balance": text, "reference": text},
        },
    }
    for name, schema in schemas.items():
        tree.insert(path, r'^      "SoftSwissBalance": \{', entry(name, schema, "      "))


def statuses():
    """The words that the skeleton answers with."""
    text = (SKELETON / "game/render.rs").read_text()
    names = re.search(r"^enum Status \{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE).group(1)
    return [re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in re.findall(r"(\w+),", names)]


def entry(name, value, indent="    "):
    """A member of an object, laid out as the document is."""
    lines = json.dumps({name: value}, indent=2).splitlines()[1:-1]
    return "".join(f"{indent[2:]}{line}\n" for line in lines)[:-1] + ",\n"


def sample(vendor, tree):
    """A bet as the gateway hands it over, with its signature."""
    event = json.loads(tree.read("events/samples/game-wallet-softswiss.json"))
    route = f"/webhooks/games/{vendor.name}/bet"
    body = json.dumps({"player": "ply_01KDVDNA000000000000000001", "currency": "EUR", "game": vendor.catalogue[0]["code"],
                       "round": "r-1", "transaction": "tx-1", "amount": "1.50"}, separators=(",", ":"))
    event["routeKey"], event["rawPath"], event["body"] = f"POST {route}", route, body
    event["headers"]["x-request-sign"] = hmac.new(vendor.secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    event["headers"]["content-length"] = str(len(body))
    event["requestContext"]["routeKey"] = event["routeKey"]
    event["requestContext"]["http"]["path"] = route
    return json.dumps(event, indent=2) + "\n"


def configured(vendor, tree):
    """Settings for `make run`."""
    path = "infra/local/vendors.json"
    settings = {"secret": vendor.secret, "base_url": f"http://127.0.0.1:8080/sandbox/{vendor.name}",
                "catalogue": vendor.catalogue}
    tree.insert(path, r'^    "hub88": \{$(?=[\s\S]*^  "payments": \{)', entry(vendor.name, settings))


KINDS = {"game": game}


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in KINDS:
        raise Stop(f"say what kind ({', '.join(KINDS)}) and what name: make new-vendor KIND=game NAME=acme")
    kind, name = arguments
    vendor, tree = Vendor(name), Tree()
    KINDS[kind](vendor, tree)
    tree.write()
    for path in sorted(tree.files):
        print(path)
    print(f"\nNow: cargo fmt --all && cargo nextest run -p vendors -E 'test({name})'; then docs/integrations.md.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stop as stop:
        sys.exit(str(stop))
