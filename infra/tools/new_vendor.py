"""Lays down a new vendor: a module that works, its contract table, and its line wherever vendors are listed.

    python3 infra/tools/new_vendor.py game acme

The kinds are game, kyc (identity) and payment.

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
# What signs the samples that others are made of.
SIGNED = {"x-request-sign", "x-payload-digest", "x-payload-digest-alg"}
CALLS = {"balance": "asks for a balance", "bet": "takes a stake", "win": "pays winnings", "rollback": "undoes a transaction"}


class Stop(Exception):
    """Why nothing can be laid down."""


class Vendor:
    """A vendor by its names: `acme` in settings and paths, `Acme` in code."""

    def __init__(self, name):
        if not re.fullmatch(r"[a-z][a-z0-9]{1,30}", name):
            raise Stop(f"{name}: a name is lower-case letters and digits, 2 to 31 of them")
        if any((ROOT / f"shared/vendors/src/{kind}/{name}{end}").exists()
               for kind in ["games", "kyc", "payments"] for end in ["", ".rs"]):
            raise Stop(f"{name} is there already")
        self.name = name
        self.type = name[0].upper() + name[1:]
        self.secret = f"pitboss-demo-{name}-secret"
        self.base_url = f"http://127.0.0.1:8080/sandbox/{name}"
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

    def sort_in(self, path, pattern, line):
        """Adds a line to those in a row that each match a regular expression, in the order of the alphabet."""
        old = self.read(path)
        rows = re.findall(f"(?:^{pattern}\n)+", old, re.MULTILINE)
        if len(rows) != 1:
            raise Stop(f"{path} has {len(rows)} places for {line.split()[0]}, not 1")
        lines = sorted([*rows[0].splitlines(keepends=True), line])
        self.files[path] = old.replace(rows[0], "".join(lines))

    def one_more(self, path, pattern):
        """Counts one up: the only match of a regular expression ends with the count."""
        old = self.read(path)
        new, found = re.subn(rf"({pattern})(\d+)", lambda it: it.group(1) + str(int(it.group(2)) + 1), old)
        if found != 1:
            raise Stop(f"{path} counts vendors in {found} places, not 1")
        self.files[path] = new

    def write(self):
        for path, text in self.files.items():
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text)


def game(vendor, tree):
    """A game vendor that calls our wallet."""
    laid_down(vendor, tree, "game", "games", "games")

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
    watched(tree, "Hub88GameWallet", f"{vendor.type}GameWallet")
    described(vendor, tree)
    bet = {"player": "ply_01KDVDNA000000000000000001", "currency": "EUR", "game": vendor.catalogue[0]["code"],
           "round": "r-1", "transaction": "tx-1", "amount": "1.50"}
    tree.add(f"events/samples/game-wallet-{vendor.name}.json",
             sample(vendor, tree, "game-wallet-softswiss", f"/webhooks/games/{vendor.name}/bet", "x-request-sign", bet))
    configured(tree, r'^    "hub88": \{$(?=[\s\S]*^  "payments": \{)', vendor.name, {
        "secret": vendor.secret, "base_url": vendor.base_url, "catalogue": vendor.catalogue})


def kyc(vendor, tree):
    """An identity vendor that tells us what it found."""
    vendors = "shared/vendors/src"
    laid_down(vendor, tree, "kyc", "kyc", "identity")

    tree.insert(f"{vendors}/kyc/mod.rs", r"^pub mod onfido;$", f"pub mod {vendor.name};\n")
    chosen(vendor, tree, f"{vendors}/kyc/registry.rs", "kyc", "onfido")
    tree.insert(f"{vendors}/settings.rs", r"^    /// Veriff\.$", member(vendor, "kyc"))
    played(vendor, tree, "identity", "kyc", r"(?<=^use vendors::kyc::\{)", f"{vendor.name}, ")

    like(vendor, tree, "Veriff", "Kyc", "kyc")
    told = {"event_id": "evt-1", "type": "verification.updated", "verification": {
        "id": "ver-1", "player_id": "ply_01KAR5Y2X0QK4V7W8Y6N5R1ABC", "status": "resubmit",
        "updated_at": "2026-11-23T10:00:00Z"}}
    tree.add(f"events/samples/kyc-webhook-{vendor.name}.json", sample(
        vendor, tree, "kyc-webhook", f"/webhooks/kyc/{vendor.name}", f"x-{vendor.name}-signature", told))
    configured(tree, r'^    "veriff": \{$(?=[\s\S]*^  "sandbox": \{)', vendor.name, {
        "secret": vendor.secret, "base_url": vendor.base_url})


def payment(vendor, tree):
    """A payment provider: payments, payouts, refunds, and what became of them."""
    vendors = "shared/vendors/src"
    laid_down(vendor, tree, "payment", "payments", "payments")

    tree.insert(f"{vendors}/payments/mod.rs", r"^pub mod nuvei;$", f"pub mod {vendor.name};\n")
    chosen(vendor, tree, f"{vendors}/payments/registry.rs", "payments", "nuvei")
    tree.insert(f"{vendors}/settings.rs", r"^    /// Trustly\.$", member(vendor, "payments"))
    played(vendor, tree, "payments", "payments", r"^use vendors::payments::adyen::transfer;$",
           f"use vendors::payments::{vendor.name};\n")

    like(vendor, tree, "TrueLayer", "Payment", "payments")
    told = {"event_id": "evt-1", "type": "payment.captured", "occurred_at": "2026-11-23T10:00:00Z",
            "reference": "dep_01KAR5Y2X0QK4V7W8Y6N5R1ABC", "id": "pay-1", "amount": "50.00", "currency": "EUR"}
    tree.add(f"events/samples/payment-webhook-{vendor.name}.json", sample(
        vendor, tree, "payment-webhook", f"/webhooks/payments/{vendor.name}", f"x-{vendor.name}-signature", told))
    configured(tree, r'^    "truelayer": \{$(?=[\s\S]*^  "kyc": \{)', vendor.name, {
        "secret": vendor.secret, "base_url": vendor.base_url})


def laid_down(vendor, tree, kind, family, tables):
    """The module and its contract table, out of their skeletons."""
    for file in sorted((SKELETON / kind).glob("*.rs")):
        tree.add(f"shared/vendors/src/{family}/{vendor.name}/{file.name}", vendor.fill(file.read_text()))
    table = (SKELETON / kind / "contract.toml").read_text()
    tree.add(f"tests/contracts/{tables}/{vendor.name}.toml", vendor.fill(table))


def chosen(vendor, tree, path, settings, first):
    """The last line in the registry: the vendor is taken if nothing else is preferred, and there is no other."""
    tree.insert(path, r"^\];$", vendor.fill(
        f"    (__name__::INTEGRATION, |{settings}| {settings}.__name__.as_ref().map(|it| vendor(__Name__::new(it)))),\n"))
    tree.one_more(path, r"const VENDORS: \[Entry; ")
    tree.insert(path, rf"^use super::{first}::", vendor.fill("use super::__name__::{self, __Name__};\n"))


def member(vendor, family):
    """The vendor's settings among those of its kind."""
    return vendor.fill('    /// __Name__.\n    #[serde(deserialize_with = "one_vendor")]\n'
                       f"    pub __name__: Option<crate::{family}::__name__::Settings>,\n")


def played(vendor, tree, table, family, imports, imported):
    """The vendor's side of its contract table: that there is one, and how its calls are signed."""
    webhooks = "tests/contracts/tests/webhooks"
    tree.sort_in(f"{webhooks}/main.rs", r'    \w+ "\w+"', f'    {vendor.name} "{table}"\n')
    tree.insert(f"{webhooks}/side.rs", imports, imported)
    tree.insert(f"{webhooks}/side.rs", r'^            "onfido" => \{$', vendor.fill(
        '            "__name__" => {\n'
        f'                let signature = __name__::sign(&call.body, &self.key("/{family}/__name__/secret"));\n'
        "                sealed(call, __name__::SIGNATURE_HEADER, signature)\n"
        "            }\n"))


def like(vendor, tree, sibling, suffix, family):
    """The function and its operation are those of another vendor's of the kind, by another name."""

    def renamed(text):
        return text.replace(sibling, vendor.type).replace(sibling.lower(), vendor.name)

    function = re.search(rf"^  {sibling}{suffix}Function:\n(?:.*\n)+?\n", tree.read("template.yaml"), re.MULTILINE)
    tree.insert("template.yaml", rf"^  {sibling}{suffix}Function:$", renamed(function.group(0)))
    watched(tree, f"{sibling}{suffix}", f"{vendor.type}{suffix}")
    path, route = "functions/openapi/src/openapi.json", f"/webhooks/{family}/{sibling.lower()}"
    operation = json.dumps(json.loads(tree.read(path))["paths"][route])
    tree.insert(path, rf'^    "{route}": \{{', entry(renamed(route), json.loads(renamed(operation))))


def watched(tree, sibling, function):
    """The function's log and errors, and the alarms on what comes to its door."""
    tree.insert("template.yaml", rf"^      - {sibling}$", f"      - {function}\n", places=2)


def listed(vendor, tree):
    """One line in the registry, in the order of names, and the count of them."""
    path = "shared/vendors/src/games/registry.rs"
    tree.sort_in(path, r"    \(\w+::INTEGRATION, .*", vendor.fill(
        "    (__name__::INTEGRATION, |it| made(it, __name__::__Name__::new)),\n"))
    tree.one_more(path, r"const VENDORS: \[\(&str, Make\); ")
    tree.insert(path, r"(?<=^use super::\{GameLauncher, GameWallet, )", f"{vendor.name}, ")


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


def sample(vendor, tree, like, route, header, message):
    """A call as the gateway hands it over, with its signature; the rest is as in a sample that is there."""
    event = json.loads(tree.read(f"events/samples/{like}.json"))
    body = json.dumps(message, separators=(",", ":"))
    event["routeKey"], event["rawPath"], event["body"] = f"POST {route}", route, body
    event["headers"] = {name: value for name, value in event["headers"].items() if name not in SIGNED}
    event["headers"][header] = hmac.new(vendor.secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    event["headers"]["content-length"] = str(len(body))
    event["headers"]["user-agent"] = event["requestContext"]["http"]["userAgent"] = vendor.type
    event["requestContext"]["routeKey"] = event["routeKey"]
    event["requestContext"]["http"]["path"] = route
    return json.dumps(event, indent=2) + "\n"


def configured(tree, before, name, settings):
    """Settings for `make run`."""
    tree.insert("infra/local/vendors.json", before, entry(name, settings))


KINDS = {"game": game, "kyc": kyc, "payment": payment}


def main(arguments):
    if len(arguments) != 2 or arguments[0] not in KINDS:
        raise Stop(f"say what kind ({', '.join(KINDS)}) and what name: make new-vendor KIND=… NAME=acme")
    kind, name = arguments
    vendor, tree = Vendor(name), Tree()
    KINDS[kind](vendor, tree)
    tree.write()
    for path in sorted(tree.files):
        print(path)
    package = "vendors" if kind == "game" else "contracts"
    print(f"\nNow: cargo fmt --all && cargo nextest run -p {package} -E 'test({name})'; then docs/integrations.md.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stop as stop:
        sys.exit(str(stop))
