"""The ways out of a message: mail, a webhook. What goes wrong is said without any secret."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

import requests

from warehouse.base.errors import QpvError
from warehouse.declared.diffusion import Diffusion, Messagerie

#: The environment's words: the account of the mail server, and the address of a webhook.
COMPTE, MOT_DE_PASSE, WEBHOOK = "QPV_SMTP_COMPTE", "QPV_SMTP_MOT_DE_PASSE", "QPV_WEBHOOK"
#: Seconds to wait for a server of messages.
_PATIENCE = 10

#: Takes a message as a mapping (`evenement`, `titre`, `texte`); raises QpvError if it did not go.
Canal = Callable[[Mapping[str, str]], None]


def channels(diffusion: Diffusion, environment: Mapping[str, str] = os.environ) -> dict[str, Canal]:
    """The channels that are declared, by name."""
    found: dict[str, Canal] = {}
    if courriel := diffusion.messages.courriel:
        account = environment.get(COMPTE, ""), environment.get(MOT_DE_PASSE, "")
        found["courriel"] = lambda message: _mail(message, courriel, *account)
    if webhook := environment.get(WEBHOOK):
        found["webhook"] = lambda message: _post(message, webhook)
    return found


def _mail(message: Mapping[str, str], by: Messagerie, account: str, password: str) -> None:
    mail = EmailMessage()
    mail["Subject"] = f"[qpv] {message['titre']}"
    mail["From"], mail["To"] = by.de, ", ".join(by.a)
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="qpv.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{message['texte']}\n")
    if account and by.chiffrement == "aucun":
        raise QpvError(
            "un mot de passe ne part pas en clair",
            ou=f"serveur de courriel {by.serveur}",
            faire="déclarer `chiffrement: starttls` ou `tls` dans dbt_project/diffusion.yml",
        )
    context = ssl.create_default_context()
    try:
        server: smtplib.SMTP = (
            smtplib.SMTP_SSL(by.serveur, by.port, timeout=_PATIENCE, context=context)
            if by.chiffrement == "tls"
            else smtplib.SMTP(by.serveur, by.port, timeout=_PATIENCE)
        )
        with server:
            if by.chiffrement == "starttls":
                server.starttls(context=context)
            if account:
                server.login(account, password)
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise QpvError(
            f"le courriel n'est pas parti ({type(error).__name__})",
            ou=f"serveur de courriel {by.serveur}:{by.port}",
            faire="vérifier `messages.courriel` de dbt_project/diffusion.yml, et le compte",
        ) from None  # the server's own words may repeat the account


def _post(message: Mapping[str, str], address: str) -> None:
    """JSON whose `text` is what Mattermost, Slack and Tchap show."""
    shown = {**message, "text": f"**{message['titre']}**\n{message['texte']}"}
    host = _host(address)
    try:
        with requests.post(
            address, json=shown, timeout=_PATIENCE, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except (requests.RequestException, ValueError) as error:
        raise _refused(host, type(error).__name__) from None  # it repeats the address
    if not 200 <= status < 300:
        raise _refused(host, f"statut {status}")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or "sans hôte"
    except ValueError:
        return "illisible"


def _refused(host: str, why: str) -> QpvError:
    return QpvError(
        f"le webhook n'a pas pris le message ({why})",
        ou=f"hôte {host}",
        faire=f"vérifier l'adresse que dit la variable {WEBHOOK}",
    )
