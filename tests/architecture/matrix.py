"""Who gets what from which address: the declared table of rights.

A line is: name of the route, what it is about (a key of OBJECTS; a query may follow), methods, then one
answer for each of PEOPLE. `in` is the way to the sign-in page, `go` the way to any other page; of the API, 400 and
428 are for those who may, and sent neither a key nor a version. A method that no line names must be refused. A route without a line makes tests/architecture/test_matrix.py red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from brics_tracker.accounts.notices.mails import unsubscribe_url

from .routes import routes
from .world import World

PEOPLE = (
    "nobody",
    "visitor",  # nobody, while PUBLIC_READ is on
    "reader",
    "analyst",
    "analyst_elsewhere",
    "reviewer",
    "reviewer_elsewhere",
    "administrator",
    "gone",
)

# What stands for an address of its own: words of the pattern's arguments, in order.
OBJECTS: dict[str, Callable[[World], list[Any]]] = {
    "-": lambda w: [],
    "item.published": lambda w: [w.published.reference],
    "item.other": lambda w: [w.other.reference],
    "item.draft": lambda w: [w.draft.reference],
    "item.submitted": lambda w: [w.submitted.reference],
    "item.own": lambda w: [w.own.reference],
    "item.merged": lambda w: [w.merged.reference],
    "pair.published": lambda w: [w.published.reference, w.other.reference],
    "pair.draft": lambda w: [w.published.reference, w.draft.reference],
    "item.archived": lambda w: [w.archived.reference],
    "item.mechanism": lambda w: [w.mechanism.reference],
    "item.mechanism-draft": lambda w: [w.mechanism_draft.reference],
    "item.none": lambda w: ["EN-999"],
    **{
        f"update.{name}": lambda w, name=name: [w.updates[name].pk]  # type: ignore[misc]
        for name in ("published", "draft", "submitted", "own", "returned", "own_submitted")
    },
    **{
        f"file.{name}": lambda w, name=name: [w.evidence[name].files.get().pk]  # type: ignore[misc]
        for name in ("public", "confidential", "draft", "own")
    },
    **{f"comment.{name}": lambda w, name=name: [w.comments[name].pk] for name in ("own", "others", "draft")},  # type: ignore[misc]
    **{f"milestone.{name}": lambda w, name=name: [w.milestones[name].pk] for name in ("published", "draft")},  # type: ignore[misc]
    **{f"relation.{name}": lambda w, name=name: [w.relations[name].pk] for name in ("published", "draft")},  # type: ignore[misc]
    **{f"run.{name}": lambda w, name=name: [w.runs[name].pk] for name in ("done", "failed", "waiting")},  # type: ignore[misc]
    **{f"export.{name}": lambda w, name=name: [w.exports[name].pk] for name in ("done", "failed", "waiting")},  # type: ignore[misc]
    **{
        f"evidence.{name}": lambda w, name=name: [w.evidence[name].pk]  # type: ignore[misc]
        for name in ("public", "confidential", "draft", "own")
    },
    **{f"view.{name}": lambda w, name=name: [w.views[name].pk] for name in ("own", "shared")},  # type: ignore[misc]
    "bulk": lambda w: [w.bulk_edit.pk],
    "judged": lambda w: [w.bulk_review.pk],
    "document": lambda w: [w.document.key],
    "meeting": lambda w: [w.meeting.key],
    "member": lambda w: [w.member.code],
    "organisation": lambda w: [w.organisation.key],
    "theme": lambda w: [w.published.lead_theme.code],
    "report": lambda w: [w.report.number],
    "report.csv": lambda w: [w.report.number, "csv"],
    "report.json": lambda w: [w.report.number, "json"],
    "report.pdf": lambda w: [w.report.number, "pdf"],
    "report.docx": lambda w: [w.report.number, "docx"],
    "notice.own": lambda w: [w.notice.pk],
    "unsubscribe": lambda w: [unsubscribe_url(w.people.reader, "comment").rstrip("/").rpartition("/")[2]],
    "token.own": lambda w: [w.token.pk],
    "factor.own": lambda w: [Authenticator.objects.get(user=w.people.analyst, type="totp").pk],
    "session.none": lambda w: ["0" * 24],
    "person": lambda w: [w.people.reader.pk],
    "link": lambda w: [f"{w.people.reader.pk:x}", default_token_generator.make_token(w.people.reader)],
    "word": lambda w: ["nowhere"],
}

#                                                           nobody  reader    elsewhere  elsewhere  gone
#                                                              visitor  analyst   reviewer   administrator
TABLE = """
healthz                             -                     GET  200 200 200 200 200 200 200 200 200
readyz                              -                     GET  200 200 200 200 200 200 200 200 200

proposals:overview                  -                     GET  in  200 200 200 200 200 200 200 in
proposals:list                      -                     GET  in  200 200 200 200 200 200 200 in
proposals:list                      -?view=board          GET  in  200 200 200 200 200 200 200 in
proposals:list                      -?view=timeline       GET  in  200 200 200 200 200 200 200 in
proposals:list                      -?facets=true         GET  in  200 200 200 200 200 200 200 in
proposals:list                      -?export=csv          GET  in  200 200 200 200 200 200 200 in
proposals:list                      -?export=xlsx         GET  in  200 200 200 200 200 200 200 in
proposals:list                      -?export=json         GET  in  200 200 200 200 200 200 200 in
proposals:create                    -                     GET  in  in  403 200 200 200 200 200 in
proposals:create                    -                     POST in  in  403 422 422 422 422 422 in
proposals:detail                    item.published        GET  in  200 200 200 200 200 200 200 in
proposals:detail                    item.archived         GET  in  200 200 200 200 200 200 200 in
proposals:detail                    item.merged           GET  in  go  go  go  go  go  go  go  in
proposals:history                   item.merged           GET  in  200 200 200 200 200 200 200 in
proposals:edit                      item.merged           POST in  in  409 409 409 409 409 409 in
proposals:detail                    item.draft            GET  in  404 404 404 404 200 404 200 in
proposals:detail                    item.submitted        GET  in  404 404 404 404 200 404 200 in
proposals:detail                    item.own              GET  in  404 404 200 404 200 404 200 in
proposals:detail                    item.mechanism        GET  in  404 404 404 404 404 404 404 in
proposals:detail                    item.none             GET  in  404 404 404 404 404 404 404 in
proposals:edit                      item.published        GET  in  in  403 200 403 200 403 200 in
proposals:edit                      item.published        POST in  in  403 422 403 422 403 422 in
proposals:edit                      item.draft            GET  in  in  404 404 404 200 404 200 in
proposals:edit                      item.draft            POST in  in  404 404 404 422 404 422 in
proposals:edit                      item.own              GET  in  in  404 200 404 200 404 200 in
proposals:edit                      item.own              POST in  in  404 422 404 422 404 422 in
proposals:edit                      item.archived         GET  in  in  403 403 403 403 403 403 in
proposals:edit                      item.archived         POST in  in  403 403 403 403 403 403 in
proposals:edit                      item.mechanism        POST in  in  404 404 404 404 404 404 in
proposals:history                   item.published        GET  in  200 200 200 200 200 200 200 in
proposals:history                   item.draft            GET  in  404 404 404 404 200 404 200 in
proposals:history                   item.own              GET  in  404 404 200 404 200 404 200 in

mechanisms:list                     -                     GET  in  200 200 200 200 200 200 200 in
mechanisms:list                     -?view=board          GET  in  200 200 200 200 200 200 200 in
mechanisms:list                     -?view=timeline       GET  in  200 200 200 200 200 200 200 in
mechanisms:list                     -?facets=true         GET  in  200 200 200 200 200 200 200 in
mechanisms:list                     -?export=csv          GET  in  200 200 200 200 200 200 200 in
mechanisms:list                     -?export=xlsx         GET  in  200 200 200 200 200 200 200 in
mechanisms:list                     -?export=json         GET  in  200 200 200 200 200 200 200 in
mechanisms:create                   -                     GET  in  in  403 200 200 200 200 200 in
mechanisms:create                   -                     POST in  in  403 422 422 422 422 422 in
mechanisms:detail                   item.mechanism        GET  in  200 200 200 200 200 200 200 in
mechanisms:detail                   item.mechanism-draft  GET  in  404 404 404 404 200 404 200 in
mechanisms:detail                   item.published        GET  in  404 404 404 404 404 404 404 in
mechanisms:edit                     item.mechanism        GET  in  in  403 200 403 200 403 200 in
mechanisms:edit                     item.mechanism        POST in  in  403 422 403 422 403 422 in
mechanisms:edit                     item.mechanism-draft  GET  in  in  404 404 404 200 404 200 in
mechanisms:edit                     item.mechanism-draft  POST in  in  404 404 404 422 404 422 in
mechanisms:edit                     item.published        POST in  in  404 404 404 404 404 404 in
tracking:item-review                item.mechanism        GET  in  in  403 403 403 200 403 403 in
mechanisms:history                  item.mechanism        GET  in  200 200 200 200 200 200 200 in
mechanisms:history                  item.mechanism-draft  GET  in  404 404 404 404 200 404 200 in
mechanisms:meeting-list             -                     GET  in  200 200 200 200 200 200 200 in
mechanisms:meeting-list             -?facets=true         GET  in  200 200 200 200 200 200 200 in
mechanisms:meeting-list             -?export=csv          GET  in  200 200 200 200 200 200 200 in
mechanisms:meeting-list             -?export=xlsx         GET  in  200 200 200 200 200 200 200 in
mechanisms:meeting-list             -?export=json         GET  in  200 200 200 200 200 200 200 in

tracking:my-work                    -                     GET  in  in  200 200 200 200 200 200 in
tracking:update-create              item.published        GET  in  in  403 200 403 200 403 403 in
tracking:update-create              item.published        POST in  in  403 422 403 422 403 403 in
tracking:update-create              item.mechanism        GET  in  in  403 200 403 200 403 403 in
tracking:update-create              item.archived         GET  in  in  403 403 403 403 403 403 in
tracking:update-create              item.archived         POST in  in  403 403 403 403 403 403 in
tracking:update-create              item.draft            GET  in  in  404 404 404 403 404 403 in
tracking:update-create              item.draft            POST in  in  404 404 404 403 404 403 in
tracking:update-create              item.own              POST in  in  404 403 404 403 404 403 in
tracking:item-no-change             item.published        POST in  in  403 go  403 go  403 403 in
tracking:item-no-change             item.draft            POST in  in  404 404 404 403 404 403 in
tracking:update-edit                update.own            GET  in  in  404 200 404 403 404 403 in
tracking:update-edit                update.own            POST in  in  404 422 404 403 404 403 in
tracking:update-edit                update.returned       GET  in  in  404 200 404 403 404 403 in
tracking:update-edit                update.own_submitted  GET  in  in  404 go  404 403 404 403 in
tracking:update-edit                update.own_submitted  POST in  in  404 422 404 403 404 403 in
tracking:update-edit                update.draft          GET  in  in  404 404 404 403 404 403 in
tracking:update-edit                update.draft          POST in  in  404 404 404 403 404 403 in
tracking:update-edit                update.published      GET  in  in  403 403 403 403 403 403 in
tracking:update-edit                update.published      POST in  in  403 403 403 403 403 403 in
tracking:update-delete              update.own            GET  in  in  404 200 404 403 404 403 in
tracking:update-delete              update.own            POST in  in  404 go  404 403 404 403 in
tracking:update-delete              update.returned       POST in  in  404 422 404 403 404 403 in
tracking:update-delete              update.draft          GET  in  in  404 404 404 403 404 403 in
tracking:update-delete              update.draft          POST in  in  404 404 404 403 404 403 in
tracking:update-delete              update.published      POST in  in  403 403 403 403 403 403 in
tracking:update-withdraw            update.own_submitted  GET  in  in  404 200 404 403 404 403 in
tracking:update-withdraw            update.own_submitted  POST in  in  404 go  404 403 404 403 in
tracking:update-withdraw            update.submitted      GET  in  in  404 404 404 403 404 403 in
tracking:update-withdraw            update.submitted      POST in  in  404 404 404 403 404 403 in
tracking:update-correct             update.published      GET  in  in  403 200 403 200 403 403 in
tracking:update-correct             update.published      POST in  in  403 go  403 go  403 403 in
tracking:update-correct             update.submitted      POST in  in  404 404 404 403 404 403 in
tracking:update-retract             update.published      GET  in  in  403 403 403 200 403 403 in
tracking:update-retract             update.published      POST in  in  403 403 403 422 403 403 in
tracking:update-retract             update.submitted      POST in  in  404 404 404 422 404 403 in
tracking:review-queue               -                     GET  in  in  403 403 403 200 200 403 in
tracking:review-queue               -?export=json         GET  in  in  403 403 403 200 200 403 in
tracking:review-many                -                     POST in  in  403 403 403 go  go  403 in
tracking:review-done                judged                GET  in  in  404 404 404 200 404 404 in
tracking:update-review              update.submitted      GET  in  in  404 404 404 200 404 403 in
tracking:update-review              update.own_submitted  GET  in  in  404 403 404 200 404 403 in
tracking:update-review              update.published      GET  in  in  403 403 403 200 403 403 in
tracking:update-review              update.draft          GET  in  in  404 404 404 200 404 403 in
tracking:update-publish             update.submitted      POST in  in  404 404 404 422 404 403 in
tracking:update-publish             update.own_submitted  POST in  in  404 403 404 422 404 403 in
tracking:update-publish             update.published      POST in  in  403 403 403 422 403 403 in
tracking:update-return              update.submitted      POST in  in  404 404 404 422 404 403 in
tracking:update-return              update.own_submitted  POST in  in  404 403 404 422 404 403 in
tracking:item-review                item.submitted        GET  in  in  404 404 404 200 404 403 in
tracking:item-review                item.own              GET  in  in  404 403 404 200 404 403 in
tracking:item-review                item.published        GET  in  in  403 403 403 200 403 403 in
tracking:item-publish               item.submitted        POST in  in  404 404 404 422 404 403 in
tracking:item-publish               item.own              POST in  in  404 403 404 422 404 403 in
tracking:item-return                item.submitted        POST in  in  404 404 404 422 404 403 in
tracking:item-return                item.own              POST in  in  404 403 404 422 404 403 in
tracking:document-list              -                     GET  in  200 200 200 200 200 200 200 in
tracking:document-list              -?export=xlsx         GET  in  200 200 200 200 200 200 200 in
tracking:changes                    -                     GET  in  200 200 200 200 200 200 200 in
tracking:document-detail            document              GET  in  200 200 200 200 200 200 200 in
tracking:search                     -                     GET  in  200 200 200 200 200 200 200 in
tracking:search                     -?q=energy            GET  in  200 200 200 200 200 200 200 in
tracking:search                     -?q=nergy             GET  in  200 200 200 200 200 200 200 in
tracking:evidence-file              file.public           GET  in  200 200 200 200 200 200 200 in
tracking:evidence-file              file.confidential     GET  in  404 404 404 404 200 404 200 in
tracking:evidence-file              file.draft            GET  in  404 404 404 404 200 404 200 in
tracking:evidence-file              file.own              GET  in  404 404 200 404 200 404 200 in

tracking:item-submit                item.own              POST in  in  404 go  404 go  404 go  in
tracking:item-submit                item.draft            POST in  in  404 404 404 go  404 go  in
tracking:item-submit                item.published        POST in  in  403 go  403 go  403 go  in
tracking:item-withdraw              item.submitted        POST in  in  404 404 404 403 404 403 in
tracking:item-withdraw              item.own              POST in  in  404 go  404 403 404 403 in
tracking:item-archive               item.published        GET  in  in  403 403 403 403 403 200 in
tracking:item-archive               item.published        POST in  in  403 403 403 403 403 422 in
tracking:item-archive               item.draft            POST in  in  404 404 404 403 404 422 in
tracking:item-restore               item.merged           POST in  in  409 409 409 409 409 409 in
tracking:duplicate-list             -                     GET  in  in  403 200 200 200 200 200 in
tracking:duplicate-list             -?shown=apart         GET  in  in  403 200 200 200 200 200 in
tracking:duplicate-search           -                     POST in  in  403 go  go  go  go  go  in
tracking:similar                    -                     GET  in  in  403 200 200 200 200 200 in
tracking:similar                    -                     POST in  in  403 200 200 200 200 200 in
tracking:pair-judge                 pair.published        POST in  in  403 go  403 go  403 go  in
tracking:pair-judge                 pair.draft            POST in  in  404 404 404 go  404 go  in
tracking:item-split                 item.published        GET  in  in  403 403 403 403 403 200 in
tracking:item-split                 item.published        POST in  in  403 403 403 403 403 422 in
tracking:item-split                 item.draft            GET  in  in  404 404 404 403 404 403 in
tracking:merge-choose               -                     GET  in  in  403 403 403 403 403 200 in
tracking:item-merge                 pair.published        GET  in  in  403 403 403 403 403 200 in
tracking:item-merge                 pair.published        POST in  in  403 403 403 403 403 422 in
tracking:item-merge                 pair.draft            GET  in  in  403 403 403 403 403 403 in
tracking:item-restore               item.archived         POST in  in  403 403 403 403 403 go  in
tracking:item-restore               item.draft            POST in  in  404 404 404 403 404 go  in
tracking:to-confirm                 -                     GET  in  in  403 403 403 200 200 200 in
tracking:to-confirm                 -                     POST in  in  403 403 403 422 422 422 in
tracking:edit-many                  -                     POST in  in  403 go  go  go  go  go  in
tracking:bulk-edit                  bulk                  GET  in  in  404 200 404 404 404 404 in
tracking:bulk-undo                  bulk                  POST in  in  404 go  404 404 404 404 in
tracking:owner-confirm              item.published        POST in  in  403 403 403 go  403 go  in
tracking:owner-confirm              item.draft            POST in  in  404 404 404 go  404 go  in
tracking:plan-confirm               item.other            POST in  in  403 403 403 go  403 go  in
tracking:plan-confirm               item.draft            POST in  in  404 404 404 go  404 go  in
tracking:milestone-add              item.published        GET  in  in  403 200 403 200 403 200 in
tracking:milestone-add              item.published        POST in  in  403 422 403 422 403 422 in
tracking:milestone-add              item.draft            POST in  in  404 404 404 422 404 422 in
tracking:milestone-edit             milestone.published   GET  in  in  403 200 403 200 403 200 in
tracking:milestone-edit             milestone.published   POST in  in  403 422 403 422 403 422 in
tracking:milestone-edit             milestone.draft       GET  in  in  404 404 404 200 404 200 in
tracking:milestone-edit             milestone.draft       POST in  in  404 404 404 422 404 422 in
tracking:milestone-drop             milestone.published   GET  in  in  403 200 403 200 403 200 in
tracking:milestone-drop             milestone.published   POST in  in  403 422 403 422 403 422 in
tracking:milestone-drop             milestone.draft       POST in  in  404 404 404 422 404 422 in
tracking:relation-add               item.published        GET  in  in  403 200 403 200 403 200 in
tracking:relation-add               item.published        POST in  in  403 422 403 422 403 422 in
tracking:relation-add               item.draft            POST in  in  404 404 404 422 404 422 in
tracking:relation-remove            relation.published    POST in  in  403 go  403 go  403 go  in
tracking:relation-remove            relation.draft        POST in  in  404 404 404 go  404 go  in

tracking:item-comment               item.published        GET  in  in  403 200 403 200 403 200 in
tracking:item-comment               item.published        POST in  in  403 422 403 422 403 422 in
tracking:item-comment               item.draft            POST in  in  404 404 404 422 404 422 in
tracking:item-comment               item.archived         POST in  in  403 403 403 403 403 403 in
tracking:people                     item.published?q=a    GET  in  in  403 200 403 200 403 200 in
tracking:people                     item.draft            GET  in  in  404 404 404 200 404 200 in
tracking:update-comment             update.published      GET  in  in  403 200 403 200 403 200 in
tracking:update-comment             update.submitted      GET  in  in  404 404 404 200 404 200 in
tracking:update-comment             update.submitted      POST in  in  404 404 404 422 404 422 in
tracking:update-comment             update.own            POST in  in  404 422 404 422 404 422 in
tracking:review-ask                 update.own_submitted  GET  in  in  404 200 404 200 404 403 in
tracking:review-ask                 update.own_submitted  POST in  in  404 422 404 422 404 403 in
tracking:review-ask                 update.published      POST in  in  403 403 403 403 403 403 in
tracking:comment-edit               comment.own           GET  in  in  403 200 403 403 403 403 in
tracking:comment-edit               comment.own           POST in  in  403 422 403 403 403 403 in
tracking:comment-edit               comment.others        POST in  in  403 403 403 403 403 403 in
tracking:comment-edit               comment.draft         POST in  in  404 404 404 403 404 403 in
tracking:comment-remove             comment.own           GET  in  in  403 200 403 403 403 403 in
tracking:comment-remove             comment.own           POST in  in  403 go  403 403 403 403 in
tracking:comment-remove             comment.draft         POST in  in  404 404 404 403 404 403 in
tracking:reporting                  -                     GET  in  200 200 200 200 200 200 200 in
tracking:reporting                  -?export=csv          GET  in  200 200 200 200 200 200 200 in
tracking:reporting                  -?export=xlsx         GET  in  200 200 200 200 200 200 200 in
tracking:reporting                  -?export=json         GET  in  200 200 200 200 200 200 200 in
tracking:watching                   -                     GET  in  in  200 200 200 200 200 200 in
tracking:theme-watch                -                     POST in  in  404 404 404 404 404 404 in
tracking:item-watch                 item.published        POST in  in  go  go  go  go  go  go  in
tracking:item-watch                 item.draft            POST in  in  404 404 404 go  404 go  in

reports:list                        -                     GET  in  200 200 200 200 200 200 200 in
reports:list                        -?export=csv          GET  in  200 200 200 200 200 200 200 in
reports:list                        -?export=xlsx         GET  in  200 200 200 200 200 200 200 in
reports:list                        -?export=json         GET  in  200 200 200 200 200 200 200 in
reports:latest                      -                     GET  in  go  go  go  go  go  go  go  in
reports:detail                      report                GET  in  200 200 200 200 200 200 200 in
reports:file                        report.csv            GET  in  200 200 200 200 200 200 200 in
reports:file                        report.json           GET  in  200 200 200 200 200 200 200 in
reports:file                        report.pdf            GET  in  200 200 200 200 200 200 200 in
reports:file                        report.docx           GET  in  404 404 404 404 404 404 404 in
reports:run                         -                     POST in  in  403 403 403 403 403 go  in
reports:run-detail                  run.done              GET  in  in  404 404 404 404 404 200 in
reports:run-cancel                  run.waiting           POST in  in  404 404 404 404 404 go  in
reports:run-retry                   run.failed            POST in  in  404 404 404 404 404 go  in

exports:list                        -                     GET  in  in  200 200 200 200 200 200 in
exports:create                      -?list=/proposals/%3Fq=a&format=xlsx GET in in 200 200 200 200 200 200 in
exports:create                      -                     POST in  in  422 422 422 422 422 422 in
exports:file                        export.done           GET  in  in  404 200 404 404 404 404 in
exports:file                        export.waiting        GET  in  in  404 404 404 404 404 404 in
exports:cancel                      export.waiting        POST in  in  404 go  404 404 404 404 in
exports:retry                       export.failed         POST in  in  404 go  404 404 404 404 in

accounts:account                    -                     GET  in  in  200 200 200 200 200 200 in
accounts:draft                      -                     GET  401 401 200 200 200 200 200 200 401
accounts:draft                      -                     POST 401 401 400 400 400 400 400 400 401
accounts:notice-settings            -                     GET  in  in  200 200 200 200 200 200 in
accounts:notice-settings            -                     POST in  in  422 422 422 422 422 422 in
notices:list                        -                     GET  in  in  200 200 200 200 200 200 in
notices:list                        -?unread=1&reason=comment GET in in 200 200 200 200 200 200 in
notices:read                        -                     POST in  in  go  go  go  go  go  go  in
notices:open                        notice.own            POST in  in  404 go  404 404 404 404 in
notices:unsubscribe                 unsubscribe           GET  200 200 200 200 200 200 200 200 200
notices:unsubscribe                 unsubscribe           POST 200 200 200 200 200 200 200 200 200
notices:unsubscribe                 word                  POST 404 404 404 404 404 404 404 404 404
accounts:draft-files                -                     POST 401 401 400 400 400 400 400 400 401
accounts:language                   -                     POST in  in  go  go  go  go  go  go  in
accounts:list-setting               -                     POST in  in  400 400 400 400 400 400 in
accounts:list-opening               -                     POST in  in  400 400 400 400 400 400 in
accounts:saved-view-list            -                     GET  in  in  200 200 200 200 200 200 in
accounts:saved-view-create          -                     GET  in  in  200 200 200 200 200 200 in
accounts:saved-view-create          -                     POST in  in  422 422 422 422 422 422 in
accounts:saved-view-edit            view.own              GET  in  in  404 200 404 404 404 404 in
accounts:saved-view-edit            view.own              POST in  in  404 422 404 404 404 404 in
accounts:saved-view-edit            view.shared           GET  in  in  403 403 403 403 403 200 in
accounts:saved-view-edit            view.shared           POST in  in  403 403 403 403 403 422 in
accounts:saved-view-overwrite       view.own              POST in  in  404 422 404 404 404 404 in
accounts:saved-view-overwrite       view.shared           POST in  in  403 403 403 403 403 422 in
accounts:saved-view-delete          view.own              GET  in  in  404 200 404 404 404 404 in
accounts:saved-view-delete          view.own              POST in  in  404 go  404 404 404 404 in
accounts:saved-view-delete          view.shared           GET  in  in  403 403 403 403 403 200 in
accounts:saved-view-delete          view.shared           POST in  in  403 403 403 403 403 go  in
accounts:token-create               -                     GET  in  in  200 200 200 200 200 200 in
accounts:token-create               -                     POST in  in  422 422 422 422 422 422 in
accounts:token-revoke               token.own             GET  in  in  404 200 404 404 404 404 in
accounts:token-revoke               token.own             POST in  in  404 go  404 404 404 404 in
accounts:session-list               -                     GET  in  in  200 200 200 200 200 200 in
accounts:session-end                session.none          POST in  in  404 404 404 404 404 404 in
accounts:sessions-end-others        -                     POST in  in  go  go  go  go  go  go  in
accounts:second-factor              -                     GET  in  in  200 200 200 200 200 200 in
accounts:app-add                    -                     GET  in  in  200 200 200 200 200 200 in
accounts:app-add                    -                     POST in  in  422 422 422 422 422 422 in
accounts:passkey-add                -                     GET  in  in  200 200 200 200 200 200 in
accounts:passkey-add                -                     POST in  in  422 422 422 422 422 422 in
accounts:codes-make                 -                     GET  in  in  200 200 200 200 200 200 in
accounts:codes-make                 -                     POST in  in  422 201 422 422 422 422 in
accounts:factor-remove              factor.own            GET  in  in  404 200 404 404 404 404 in
accounts:factor-remove              factor.own            POST in  in  404 go  404 404 404 404 in
accounts:viewing-start              person                GET  in  in  403 403 403 403 403 200 in
accounts:viewing-start              person                POST in  in  403 403 403 403 403 go  in
accounts:viewing-end                -                     POST in  in  go  go  go  go  go  go  in
mfa_authenticate                    -                     GET  in  in  go  go  go  go  go  go  in
mfa_authenticate                    -                     POST in  in  go  go  go  go  go  go  in
mfa_login_webauthn                  -                     GET  in  in  go  go  go  go  go  go  in
mfa_login_webauthn                  -                     POST in  in  go  go  go  go  go  go  in
account_reauthenticate              -                     GET  in  in  200 200 200 200 200 200 in
account_reauthenticate              -                     POST in  in  200 200 200 200 200 200 in
mfa_reauthenticate                  -                     GET  in  in  go  200 go  go  go  go  in
mfa_reauthenticate                  -                     POST in  in  go  200 go  go  go  go  in
mfa_reauthenticate_webauthn         -                     GET  in  in  go  200 go  go  go  go  in
mfa_reauthenticate_webauthn         -                     POST in  in  go  200 go  go  go  go  in
institution-sign-in                 -                     POST 404 404 404 404 404 404 404 404 404
institution-callback                -                     GET  404 404 404 404 404 404 404 404 404
account_login                       -                     GET  200 200 go  go  go  go  go  go  200
account_login                       -                     POST 200 200 go  go  go  go  go  go  200
account_logout                      -                     GET  in  in  200 200 200 200 200 200 in
account_logout                      -                     POST in  in  in  in  in  in  in  in  in
account_change_password             -                     GET  in  in  200 200 200 200 200 200 in
account_change_password             -                     POST in  in  200 200 200 200 200 200 in
account_reset_password              -                     GET  200 200 200 200 200 200 200 200 200
account_reset_password              -                     POST 200 200 200 200 200 200 200 200 200
account_reset_password_done         -                     GET  200 200 200 200 200 200 200 200 200
account_reset_password_from_key     link                  GET  go  go  go  go  go  go  go  go  go
account_reset_password_from_key     link                  POST go  go  go  go  go  go  go  go  go
account_reset_password_from_key_done -                    GET  200 200 200 200 200 200 200 200 200
set_language                        -                     POST go  go  go  go  go  go  go  go  go

api-docs                            -                     GET  in  200 200 200 200 200 200 200 in
api:root                            -                     GET  401 200 200 200 200 200 200 200 401
api:schema                          -                     GET  401 200 200 200 200 200 200 200 401
api:nowhere                         word                  GET  401 404 404 404 404 404 404 404 401
api:proposal-list                   -                     GET  401 200 200 200 200 200 200 200 401
api:proposal-detail                 item.published        GET  401 200 200 200 200 200 200 200 401
api:proposal-detail                 item.draft            GET  401 404 404 404 404 200 404 200 401
api:proposal-detail                 item.own              GET  401 404 404 200 404 200 404 200 401
api:proposal-detail                 item.mechanism        GET  401 404 404 404 404 404 404 404 401
api:proposal-{part}                 item.published        GET  401 200 200 200 200 200 200 200 401
api:proposal-{part}                 item.draft            GET  401 404 404 404 404 200 404 200 401
api:proposal-{part}                 item.own              GET  401 404 404 200 404 200 404 200 401
api:mechanism-list                  -                     GET  401 200 200 200 200 200 200 200 401
api:mechanism-detail                item.mechanism        GET  401 200 200 200 200 200 200 200 401
api:mechanism-detail                item.mechanism-draft  GET  401 404 404 404 404 200 404 200 401
api:mechanism-detail                item.published        GET  401 404 404 404 404 404 404 404 401
api:mechanism-{part}                item.mechanism        GET  401 200 200 200 200 200 200 200 401
api:mechanism-{part}                item.mechanism-draft  GET  401 404 404 404 404 200 404 200 401
api:meeting-list                    -                     GET  401 200 200 200 200 200 200 200 401
api:meeting-detail                  meeting               GET  401 200 200 200 200 200 200 200 401
api:item-list                       -                     GET  401 200 200 200 200 200 200 200 401
api:document-list                   -                     GET  401 200 200 200 200 200 200 200 401
api:document-detail                 document              GET  401 200 200 200 200 200 200 200 401
api:document-passages               document              GET  401 200 200 200 200 200 200 200 401
api:search                          -                     GET  401 400 400 400 400 400 400 400 401
api:search                          -?q=energy            GET  401 200 200 200 200 200 200 200 401
api:member-list                     -                     GET  401 200 200 200 200 200 200 200 401
api:member-detail                   member                GET  401 200 200 200 200 200 200 200 401
api:organisation-list               -                     GET  401 200 200 200 200 200 200 200 401
api:organisation-detail             organisation          GET  401 200 200 200 200 200 200 200 401
api:theme-list                      -                     GET  401 200 200 200 200 200 200 200 401
api:theme-detail                    theme                 GET  401 200 200 200 200 200 200 200 401
api:update-list                     -                     GET  401 200 200 200 200 200 200 200 401
api:milestone-list                  -                     GET  401 200 200 200 200 200 200 200 401
api:evidence-list                   -                     GET  401 200 200 200 200 200 200 200 401
api:bulk-edit-detail                bulk                  GET  401 404 404 200 404 404 404 404 401
api:person-list                     -                     GET  401 403 403 200 200 200 200 200 401
api:evidence-detail                 evidence.public       GET  401 200 200 200 200 200 200 200 401
api:evidence-detail                 evidence.confidential GET  401 404 404 404 404 200 404 200 401
api:evidence-detail                 evidence.draft        GET  401 404 404 404 404 200 404 200 401
api:evidence-detail                 evidence.own          GET  401 404 404 200 404 200 404 200 401
api:evidence-file                   file.public           GET  401 200 200 200 200 200 200 200 401
api:evidence-file                   file.confidential     GET  401 404 404 404 404 200 404 200 401
api:evidence-file                   file.draft            GET  401 404 404 404 404 200 404 200 401
api:evidence-file                   file.own              GET  401 404 404 200 404 200 404 200 401
api:saved-view-list                 -                     GET  401 200 200 200 200 200 200 200 401
api:saved-view-list                 -                     POST 401 401 400 400 400 400 400 400 401
api:saved-view-detail               view.own              GET  401 404 404 200 404 404 404 404 401
api:saved-view-detail               view.shared           GET  401 404 200 200 200 200 200 200 401
api:saved-view-detail               view.own              PATCH 401 401 404 428 404 404 404 404 401
api:saved-view-detail               view.shared           PATCH 401 401 403 403 403 403 403 428 401
api:saved-view-detail               view.own              DELETE 401 401 404 428 404 404 404 404 401
api:saved-view-detail               view.shared           DELETE 401 401 403 403 403 403 403 428 401
api:report-list                     -                     GET  401 200 200 200 200 200 200 200 401
api:report-detail                   report                GET  401 200 200 200 200 200 200 200 401

api:proposal-list                   -                     POST 401 401 403 400 400 400 400 400 401
api:proposal-detail                 item.published        PATCH 401 401 403 428 403 428 403 428 401
api:proposal-detail                 item.draft            PATCH 401 401 404 404 404 428 404 428 401
api:proposal-detail                 item.own              PATCH 401 401 404 428 404 428 404 428 401
api:proposal-detail                 item.archived         PATCH 401 401 403 403 403 403 403 403 401
api:proposal-detail                 item.mechanism        PATCH 401 401 404 404 404 404 404 404 401
api:proposal-updates                item.published        POST 401 401 403 400 403 400 403 403 401
api:proposal-updates                item.draft            POST 401 401 404 404 404 403 404 403 401
api:proposal-milestones             item.published        POST 401 401 403 400 403 400 403 400 401
api:proposal-milestones             item.draft            POST 401 401 404 404 404 400 404 400 401
api:proposal-relations              item.published        POST 401 401 403 400 403 400 403 400 401
api:proposal-relations              item.draft            POST 401 401 404 404 404 400 404 400 401
api:proposal-submit                 item.published        POST 401 401 403 400 403 400 403 400 401
api:proposal-submit                 item.draft            POST 401 401 404 404 404 400 404 400 401
api:proposal-withdraw               item.draft            POST 401 401 404 404 404 403 404 403 401
api:proposal-publish                item.draft            POST 401 401 404 404 404 400 404 403 401
api:proposal-publish                item.submitted        POST 401 401 404 404 404 400 404 403 401
api:proposal-publish                item.own              POST 401 401 404 403 404 400 404 403 401
api:proposal-return                 item.draft            POST 401 401 404 404 404 400 404 403 401
api:proposal-return                 item.submitted        POST 401 401 404 404 404 400 404 403 401
api:proposal-return                 item.own              POST 401 401 404 403 404 400 404 403 401
api:proposal-submit                 item.own              POST 401 401 404 400 404 400 404 400 401
api:proposal-withdraw               item.own              POST 401 401 404 400 404 403 404 403 401
api:proposal-split                  item.published        POST 401 401 403 403 403 403 403 400 401
api:proposal-split                  item.draft            POST 401 401 404 404 404 403 404 403 401
api:proposal-merge                  item.published        POST 401 401 403 403 403 403 403 400 401
api:proposal-merge                  item.draft            POST 401 401 404 404 404 403 404 403 401
api:proposal-restore                item.merged           POST 401 401 409 409 409 409 409 409 401
api:proposal-detail                 item.merged           GET  401 go  go  go  go  go  go  go  401
api:proposal-restore                item.archived         POST 401 401 403 403 403 403 403 400 401
api:proposal-archive                item.published        POST 401 401 403 403 403 403 403 400 401
api:proposal-confirm-owner          item.published        POST 401 401 403 403 403 400 403 400 401
api:proposal-confirm-owner          item.draft            POST 401 401 404 404 404 400 404 400 401
api:proposal-confirm-plan           item.published        POST 401 401 403 403 403 400 403 400 401
api:proposal-confirm-plan           item.draft            POST 401 401 404 404 404 400 404 400 401
api:proposal-comments               item.published        POST 401 401 403 400 403 400 403 400 401
api:proposal-comments               item.draft            POST 401 401 404 404 404 400 404 400 401
api:mechanism-comments              item.mechanism        POST 401 401 403 400 403 400 403 400 401
api:mechanism-comments              item.mechanism-draft  POST 401 401 404 404 404 400 404 400 401
api:comment-detail                  comment.own           GET  401 200 200 200 200 200 200 200 401
api:comment-detail                  comment.draft         GET  401 404 404 404 404 200 404 200 401
api:comment-detail                  comment.own           PATCH 401 401 403 428 403 403 403 403 401
api:comment-detail                  comment.own           DELETE 401 401 403 428 403 403 403 403 401
api:comment-detail                  comment.draft         PATCH 401 401 404 404 404 403 404 403 401
api:comment-detail                  comment.draft         DELETE 401 401 404 404 404 403 404 403 401
api:update-ask-review               update.own_submitted  POST 401 401 404 400 404 400 404 403 401
api:update-ask-review               update.published      POST 401 401 403 403 403 403 403 403 401
api:mechanism-list                  -                     POST 401 401 403 400 400 400 400 400 401
api:mechanism-detail                item.mechanism        PATCH 401 401 403 428 403 428 403 428 401
api:mechanism-detail                item.mechanism-draft  PATCH 401 401 404 404 404 428 404 428 401
api:mechanism-updates               item.mechanism        POST 401 401 403 400 403 400 403 403 401
api:mechanism-updates               item.mechanism-draft  POST 401 401 404 404 404 403 404 403 401
api:mechanism-milestones            item.mechanism        POST 401 401 403 400 403 400 403 400 401
api:mechanism-milestones            item.mechanism-draft  POST 401 401 404 404 404 400 404 400 401
api:mechanism-relations             item.mechanism        POST 401 401 403 400 403 400 403 400 401
api:mechanism-relations             item.mechanism-draft  POST 401 401 404 404 404 400 404 400 401
api:mechanism-submit                item.mechanism        POST 401 401 403 400 403 400 403 400 401
api:mechanism-submit                item.mechanism-draft  POST 401 401 404 404 404 400 404 400 401
api:mechanism-withdraw              item.mechanism-draft  POST 401 401 404 404 404 403 404 403 401
api:mechanism-publish               item.mechanism-draft  POST 401 401 404 404 404 400 404 403 401
api:mechanism-return                item.mechanism-draft  POST 401 401 404 404 404 400 404 403 401
api:mechanism-split                 item.mechanism        POST 401 401 403 403 403 403 403 400 401
api:mechanism-merge                 item.mechanism        POST 401 401 403 403 403 403 403 400 401
api:mechanism-restore               item.mechanism        POST 401 401 403 403 403 403 403 400 401
api:mechanism-archive               item.mechanism        POST 401 401 403 403 403 403 403 400 401
api:mechanism-confirm-owner         item.mechanism        POST 401 401 403 403 403 400 403 400 401
api:mechanism-confirm-owner         item.mechanism-draft  POST 401 401 404 404 404 400 404 400 401
api:mechanism-confirm-plan          item.mechanism        POST 401 401 403 403 403 400 403 400 401
api:mechanism-confirm-plan          item.mechanism-draft  POST 401 401 404 404 404 400 404 400 401
api:item-bulk                       -                     POST 401 401 403 400 400 400 400 400 401
api:item-bulk-preview               -                     POST 401 401 403 400 400 400 400 400 401
api:update-bulk                     -                     POST 401 401 403 400 400 400 400 403 401
api:bulk-edit-undo                  bulk                  POST 401 401 404 400 404 404 404 404 401
api:proposal-evidence               item.published        POST 401 401 403 400 403 400 403 403 401
api:proposal-evidence               item.draft            POST 401 401 404 404 404 403 404 403 401
api:proposal-no-change              item.published        POST 401 401 403 400 403 400 403 403 401
api:proposal-no-change              item.draft            POST 401 401 404 404 404 403 404 403 401
api:mechanism-evidence              item.mechanism        POST 401 401 403 400 403 400 403 403 401
api:mechanism-evidence              item.mechanism-draft  POST 401 401 404 404 404 403 404 403 401
api:mechanism-no-change             item.mechanism        POST 401 401 403 400 403 400 403 403 401
api:mechanism-no-change             item.mechanism-draft  POST 401 401 404 404 404 403 404 403 401
api:evidence-detail                 evidence.public       PATCH 401 401 403 403 403 428 403 428 401
api:evidence-detail                 evidence.draft        PATCH 401 401 404 404 404 428 404 428 401
api:evidence-detail                 evidence.own          PATCH 401 401 404 428 404 428 404 428 401
api:evidence-files                  evidence.public       POST 401 401 403 403 403 400 403 400 401
api:evidence-files                  evidence.draft        POST 401 401 404 404 404 400 404 400 401
api:evidence-files                  evidence.own          POST 401 401 404 400 404 400 404 400 401
api:update-correct                  update.published      POST 401 401 403 400 403 400 403 403 401
api:update-correct                  update.submitted      POST 401 401 404 404 404 403 404 403 401
api:milestone-drop                  milestone.published   POST 401 401 403 400 403 400 403 400 401
api:milestone-drop                  milestone.draft       POST 401 401 404 404 404 400 404 400 401
api:update-detail                   update.published      GET  401 200 200 200 200 200 200 200 401
api:update-detail                   update.draft          GET  401 404 404 404 404 200 404 200 401
api:update-detail                   update.own            GET  401 404 404 200 404 200 404 200 401
api:update-detail                   update.published      PATCH 401 401 403 403 403 403 403 403 401
api:update-detail                   update.draft          PATCH 401 401 404 404 404 403 404 403 401
api:update-detail                   update.own            PATCH 401 401 404 428 404 403 404 403 401
api:update-detail                   update.own_submitted  PATCH 401 401 404 403 404 403 404 403 401
api:update-detail                   update.published      DELETE 401 401 403 403 403 403 403 403 401
api:update-detail                   update.draft          DELETE 401 401 404 404 404 403 404 403 401
api:update-detail                   update.own            DELETE 401 401 404 428 404 403 404 403 401
api:update-detail                   update.own_submitted  DELETE 401 401 404 403 404 403 404 403 401
api:update-submit                   update.own            POST 401 401 404 400 404 403 404 403 401
api:update-submit                   update.draft          POST 401 401 404 404 404 403 404 403 401
api:update-withdraw                 update.own_submitted  POST 401 401 404 400 404 403 404 403 401
api:update-withdraw                 update.submitted      POST 401 401 404 404 404 403 404 403 401
api:update-publish                  update.submitted      POST 401 401 404 404 404 400 404 403 401
api:update-publish                  update.own_submitted  POST 401 401 404 403 404 400 404 403 401
api:update-return                   update.submitted      POST 401 401 404 404 404 400 404 403 401
api:update-return                   update.own_submitted  POST 401 401 404 403 404 400 404 403 401
api:update-retract                  update.published      POST 401 401 403 403 403 400 403 403 401
api:update-retract                  update.submitted      POST 401 401 404 404 404 400 404 403 401
api:milestone-detail                milestone.published   GET  401 200 200 200 200 200 200 200 401
api:milestone-detail                milestone.draft       GET  401 404 404 404 404 200 404 200 401
api:milestone-detail                milestone.published   PATCH 401 401 403 428 403 428 403 428 401
api:milestone-detail                milestone.draft       PATCH 401 401 404 404 404 428 404 428 401
api:relation-detail                 relation.published    DELETE 401 401 403 204 403 204 403 204 401
api:relation-detail                 relation.draft        DELETE 401 401 404 404 404 204 404 204 401

admin:index                         -                     GET  in  in  403 403 403 403 403 200 in
admin:audit                         -                     GET  in  in  403 403 403 403 403 200 in
admin:audit                         -?export=csv          GET  in  in  403 403 403 403 403 200 in
admin:login                         -                     GET  in  in  403 403 403 403 403 go  in
admin:logout                        -                     GET  in  in  403 403 403 403 403 go  in
admin:password_change               -                     GET  in  in  403 403 403 403 403 go  in
admin:password_change_done          -                     GET  in  in  403 403 403 403 403 go  in
admin:autocomplete                  -                     GET  in  in  403 403 403 403 403 403 in
admin:jsi18n                        -                     GET  in  in  403 403 403 403 403 200 in
"""
PARTS = ("updates", "milestones", "evidence", "relations", "comments", "statuses", "history")

# What an administrator may do with each model in the administration; everybody else is refused.
ADMINISTRATION = {
    "accounts_user": "add change",
    "accounts_grant": "add change delete",
    "accounts_apitoken": "look",
    "accounts_savedview": "change delete",
    "core_member": "add change",
    "core_organisation": "add change",
    "core_theme": "add change",
    "core_job": "look",
    "core_delivery": "look",
    "core_catalogueentry": "look",
    "tracking_document": "add change",
    "tracking_passage": "add change",
    "tracking_trackeditem": "look",
    "tracking_update": "look",
    "tracking_evidence": "look",
    "tracking_milestone": "look",
    "mechanisms_meeting": "add change",
    "reports_reportdefinition": "add change",
}
# Routes that lead to what other lines stand for, or that hold nothing of ours.
ALIASES = {
    "admin:view_on_site": "Django's way from a row to its page; no model here is shown by it",
    "admin:app_list": "one group of the administration's first page",
    "admin/(?P<url>.*)$": "whatever else is asked for below /admin/",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One expectation: this address and method, and an answer for each person."""

    route: str
    about: str
    method: str
    answers: dict[str, str]

    @property
    def label(self) -> str:
        return f"{self.method} {self.route} {self.about}"

    def address(self, world: World) -> str:
        about, _mark, query = self.about.partition("?")
        if self.route.startswith("admin:") and about in world.rows:
            arguments = _admin_arguments(self.route, about, world)
        else:
            arguments = OBJECTS[about](world)
        return reverse(self.route, args=arguments) + (f"?{query}" if query else "")


def _admin_arguments(route: str, about: str, world: World) -> list[Any]:
    row = world.rows[about]
    if route.endswith("_simple_history"):
        return [row.pk, row.history.latest().pk]
    return [row.pk]


def lines() -> list[Line]:
    """The whole table, the administration's part written out."""
    return [*_written(), *_administration()]


def _written() -> Iterator[Line]:
    for text in TABLE.splitlines():
        if not text.strip():
            continue
        route, about, method, *answers = text.split()
        assert len(answers) == len(PEOPLE), text
        for part in PARTS if "{part}" in route else ("",):
            yield Line(route.format(part=part), about, method, dict(zip(PEOPLE, answers, strict=True)))


def _administration() -> Iterator[Line]:
    for model, rights in ADMINISTRATION.items():
        adds, changes, deletes = ("200" if word in rights else "403" for word in ("add", "change", "delete"))
        posts = "200" if changes == "200" else "403"
        for suffix, method, answer in (
            ("changelist", "GET", "200"),
            ("add", "GET", adds),
            ("add", "POST", adds),
            ("change", "GET", "200"),
            ("change", "POST", posts),
            ("history", "GET", "200"),
            ("delete", "GET", deletes),
            ("delete", "POST", deletes),
            ("simple_history", "GET", "200"),
            ("simple_history", "POST", "403"),
        ):
            name = f"admin:{model}_{suffix}"
            about = "-" if suffix in {"changelist", "add"} else model
            if suffix != "simple_history" or name in _admin_names():
                yield Line(name, about, method, _for_administrators(answer))


def _admin_names() -> set[str]:
    return {route.name for route in routes()}


def _for_administrators(answer: str) -> dict[str, str]:
    return {
        person: answer if person == "administrator" else "in" if person in {"nobody", "visitor", "gone"} else "403"
        for person in PEOPLE
    }


def undeclared(known: list[Line]) -> list[str]:
    """Routes of the site that no line stands for."""
    named = {line.route for line in known} | set(ALIASES)
    bare = {f"admin/{model.replace('_', '/')}/<path:object_id>/" for model in ADMINISTRATION}  # lead to change
    return sorted({route.key for route in routes()} - named - bare)


def registered_models() -> set[str]:
    return {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
