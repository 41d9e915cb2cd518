"""URLs are nouns; a change is a POST to a verb under one."""

from django.urls import path

from clearing.views import (
    account,
    activity,
    changes,
    credit_notes,
    exceptions,
    health,
    invoice_payables,
    proposals,
    search,
    sync,
    today,
    vendors,
    workbench,
)

urlpatterns = [
    path("", today.today, name="today"),
    path("credit-notes/", credit_notes.credit_notes, name="credit_notes"),
    path("credit-notes/<uuid:note_id>/", credit_notes.credit_note, name="credit_note"),
    path("credit-notes/<uuid:note_id>/archive/", changes.archive, name="archive"),
    path(
        "credit-notes/<uuid:note_id>/links/<uuid:invoice_id>/remove/",
        changes.remove_link,
        name="remove_link",
    ),
    path(
        "credit-notes/<uuid:note_id>/links/<uuid:invoice_id>/change/",
        changes.change_amount,
        name="change_amount",
    ),
    path("invoice-payables/", invoice_payables.invoice_payables, name="invoice_payables"),
    path(
        "invoice-payables/<uuid:invoice_id>/",
        invoice_payables.invoice_payable,
        name="invoice_payable",
    ),
    path("vendors/", vendors.vendors, name="vendors"),
    path("vendors/<uuid:vendor_id>/", vendors.vendor, name="vendor"),
    path("vendors/<uuid:vendor_id>/clearing/", workbench.workbench, name="workbench"),
    path(
        "vendors/<uuid:vendor_id>/clearing/sums/", workbench.workbench_sums, name="workbench_sums"
    ),
    path("vendors/<uuid:vendor_id>/clearing/propose/", workbench.propose, name="propose"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:proposal_id>/", proposals.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/approve/", proposals.approve_all, name="approve_all"),
    path("proposals/<int:proposal_id>/progress/", proposals.lines_progress, name="lines_progress"),
    path("lines/<int:line_id>/approve/", proposals.approve, name="approve"),
    path("lines/<int:line_id>/reject/", proposals.reject, name="reject"),
    path("lines/<int:line_id>/take-back/", proposals.take_back, name="take_back"),
    path("lines/<int:line_id>/settle/", exceptions.settle, name="settle"),
    path("lines/<int:line_id>/deal/", exceptions.deal, name="deal"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("activity/", activity.activity, name="activity"),
    path("search/", search.search, name="search"),
    path("sync/", sync.sync, name="sync"),
    path("sync/now/", sync.sync_now, name="sync_now"),
    path("sync/progress/", sync.sync_progress, name="sync_progress"),
    path("theme/", account.theme, name="theme"),
    path("preferences/", account.preferences, name="preferences"),
    path("demo-sign-in/", account.demo_sign_in, name="demo_sign_in"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
