"""Prints a fresh identity secret: the key that signs access tokens and the pepper that hides e-mail addresses in keys."""

import base64
import json
import secrets

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# RFC 5958, version 2: the private key's octets, then the public key's.
PRIVATE = bytes.fromhex("3051020101300506032b657004220420")
PUBLIC = bytes.fromhex("812100")


def main():
    key = Ed25519PrivateKey.generate()
    pkcs8 = PRIVATE + key.private_bytes_raw() + PUBLIC + key.public_key().public_bytes_raw()
    document = {
        "jwt_private_key_pkcs8_b64": base64.b64encode(pkcs8).decode(),
        "email_pepper_hex": secrets.token_hex(32),
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()
