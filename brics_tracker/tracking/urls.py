"""Addresses of the spine: my work, progress, review, documents, files of evidence."""

from django.urls import URLPattern, URLResolver, path

from .care_urls import urlpatterns as care_patterns
from .item_urls import urlpatterns as item_patterns
from .views import (
    between,
    bulk,
    confirm,
    conversation,
    documents,
    files,
    judging,
    progress,
    reporting,
    review,
    search,
    watching,
    work,
)

app_name = "tracking"
progress_patterns = [
    path("my-work/", work.my_work, name="my-work"),
    path("items/<slug:reference>/log/", progress.update_create, name="update-create"),
    path("items/<slug:reference>/no-change/", progress.item_no_change, name="item-no-change"),
    path("updates/<int:pk>/edit/", progress.update_edit, name="update-edit"),
    path("updates/<int:pk>/delete/", progress.update_delete, name="update-delete"),
    path("updates/<int:pk>/withdraw/", progress.update_withdraw, name="update-withdraw"),
    path("updates/<int:pk>/correct/", progress.update_correct, name="update-correct"),
    path("updates/<int:pk>/retract/", progress.update_retract, name="update-retract"),
]
review_patterns = [
    path("review/", review.review_queue, name="review-queue"),
    path("review/many/", judging.review_many, name="review-many"),
    path("review/many/<int:pk>/", judging.review_done, name="review-done"),
    path("review/updates/<int:pk>/", review.update_review, name="update-review"),
    path("review/updates/<int:pk>/publish/", review.update_publish, name="update-publish"),
    path("review/updates/<int:pk>/return/", review.update_return, name="update-return"),
    path("review/items/<slug:reference>/", review.item_review, name="item-review"),
    path("review/items/<slug:reference>/publish/", review.item_publish, name="item-publish"),
    path("review/items/<slug:reference>/return/", review.item_return, name="item-return"),
]
document_patterns = [
    path("changes/", between.changes_between, name="changes"),
    path("documents/", documents.document_list, name="document-list"),
    path("documents/<slug:key>/", documents.document_detail, name="document-detail"),
    path("evidence/files/<int:pk>/", files.evidence_file, name="evidence-file"),
    path("search/", search.search, name="search"),
]
bulk_patterns = [
    path("items/to-confirm/", confirm.to_confirm, name="to-confirm"),
    path("items/edit-many/", bulk.edit_many, name="edit-many"),
    path("items/edits/<int:pk>/", bulk.bulk_edit, name="bulk-edit"),
    path("items/edits/<int:pk>/undo/", bulk.bulk_undo, name="bulk-undo"),
]
conversation_patterns = [
    path("items/<slug:reference>/comments/new/", conversation.item_comment, name="item-comment"),
    path("items/<slug:reference>/people/", conversation.people, name="people"),
    path("updates/<int:pk>/comments/new/", conversation.update_comment, name="update-comment"),
    path("updates/<int:pk>/ask/", conversation.review_ask, name="review-ask"),
    path("comments/<int:pk>/edit/", conversation.comment_edit, name="comment-edit"),
    path("comments/<int:pk>/remove/", conversation.comment_remove, name="comment-remove"),
    path("reporting/", reporting.ReportingView.as_view(), name="reporting"),
    path("watching/", watching.watching, name="watching"),
    path("watching/themes/", watching.theme_watch, name="theme-watch"),
    path("items/<slug:reference>/watch/", watching.item_watch, name="item-watch"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *progress_patterns, *review_patterns, *document_patterns, *bulk_patterns, *conversation_patterns, *care_patterns,
    *item_patterns,
]  # fmt: skip
