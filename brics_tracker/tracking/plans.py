"""Milestone templates: the plan that a new item starts with, undated, and not counted until an overseer confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """One step of a template. Weights are relative: they need not add up to a hundred."""

    title: StrPromise
    weight: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A template: how an item of this sort usually gets from the proposal to the result."""

    key: str
    title: StrPromise
    milestones: tuple[PlannedMilestone, ...]


def _plan(key: str, title: StrPromise, *steps: tuple[StrPromise, int]) -> Plan:
    return Plan(key, title, tuple(PlannedMilestone(step, weight) for step, weight in steps))


# The last step of every template is the result itself; it weighs most where reaching it is most of the work.
_ALL = (
    _plan(
        "found_mechanism",
        _("Founding of a mechanism"),
        (_("Concept tabled"), 1),
        (_("Consultations held"), 2),
        (_("Founding text agreed"), 3),
        (_("Founding text signed"), 1),
        (_("Mechanism operating"), 3),
    ),
    _plan(
        "agreement",
        _("Agreement"),
        (_("Scope settled"), 1),
        (_("Negotiations opened"), 1),
        (_("Text agreed"), 3),
        (_("Agreement signed"), 2),
        (_("Agreement in force"), 3),
    ),
    _plan(
        "fund",
        _("Fund or flow of money"),
        (_("Purpose and size proposed"), 1),
        (_("Rules agreed"), 3),
        (_("Contributions pledged"), 2),
        (_("Contributions paid in"), 2),
        (_("First project paid for"), 2),
    ),
    _plan(
        "programme",
        _("Programme"),
        (_("Programme proposed"), 1),
        (_("Work plan and means agreed"), 2),
        (_("Work begun"), 2),
        (_("First results reported"), 3),
        (_("Programme reviewed"), 2),
    ),
    _plan(
        "platform",
        _("Platform"),
        (_("Requirements agreed"), 2),
        (_("Operator and financing settled"), 2),
        (_("Platform built"), 3),
        (_("Platform open to users in every member"), 3),
    ),
    _plan(
        "network",
        _("Network"),
        (_("Contact points named"), 1),
        (_("Terms of reference agreed"), 2),
        (_("Members of the network connected"), 3),
        (_("Network in regular use"), 4),
    ),
    _plan(
        "pilot",
        _("Pilot projects"),
        (_("Pilot designed"), 2),
        (_("Places and participants chosen"), 1),
        (_("Pilot running"), 3),
        (_("Pilot evaluated"), 2),
        (_("Decision on extension taken"), 2),
    ),
    _plan(
        "coordination",
        _("Coordination"),
        (_("Point on the agenda of the body in charge"), 1),
        (_("Contact points named"), 1),
        (_("Way of working agreed"), 3),
        (_("First coordinated step taken"), 3),
        (_("Practice reviewed"), 2),
    ),
    _plan(
        "dialogue",
        _("Dialogue"),
        (_("Partners and topics settled"), 1),
        (_("First round held"), 3),
        (_("Follow-up round held"), 3),
        (_("Outcome recorded"), 3),
    ),
    _plan(
        "position",
        _("Common position"),
        (_("Draft position circulated"), 2),
        (_("Members consulted"), 2),
        (_("Position adopted"), 3),
        (_("Position put forward outside BRICS"), 3),
    ),
    _plan(
        "exchange",
        _("Exchange of information or experience"),
        (_("What is to be exchanged agreed"), 2),
        (_("Contact points and channel named"), 2),
        (_("First exchange made"), 3),
        (_("Exchange made regularly"), 3),
    ),
    _plan(
        "study",
        _("Study"),
        (_("Terms of reference agreed"), 1),
        (_("Authors named"), 1),
        (_("Draft discussed"), 3),
        (_("Findings published"), 3),
        (_("Conclusions taken up"), 2),
    ),
    _plan(
        "standards",
        _("Standards"),
        (_("Existing rules compared"), 2),
        (_("Draft common rules circulated"), 2),
        (_("Common rules agreed"), 3),
        (_("Common rules applied by members"), 3),
    ),
    _plan(
        "training",
        _("Training and capacity building"),
        (_("Needs of members collected"), 2),
        (_("Programme and host settled"), 2),
        (_("First training held"), 3),
        (_("Training evaluated"), 3),
    ),
    _plan(
        "investment",
        _("Investment or project"),
        (_("Projects identified"), 1),
        (_("Feasibility shown"), 2),
        (_("Financing closed"), 3),
        (_("Works begun"), 2),
        (_("Project in service"), 2),
    ),
    _plan(
        "resources",
        _("Mobilising of resources"),
        (_("Need stated"), 1),
        (_("Call to contributors made"), 2),
        (_("Contributions pledged"), 3),
        (_("Contributions in use"), 4),
    ),
    _plan(
        "policy",
        _("Policy"),
        (_("Present policy reviewed"), 1),
        (_("Proposal discussed"), 2),
        (_("Policy adopted"), 3),
        (_("Policy carried out"), 4),
    ),
    _plan(
        "reform",
        _("Change of an existing mechanism"),
        (_("Shortcomings identified"), 2),
        (_("Changes proposed"), 2),
        (_("Changes agreed"), 3),
        (_("Changes in effect"), 3),
    ),
    _plan(
        "membership",
        _("Admission of members"),
        (_("Criteria agreed"), 2),
        (_("Candidates considered"), 2),
        (_("Invitations issued"), 3),
        (_("New members admitted"), 3),
    ),
    _plan(
        "reporting",
        _("Reporting and monitoring"),
        (_("Form and rhythm agreed"), 2),
        (_("First report made"), 3),
        (_("Report considered by the body in charge"), 3),
        (_("Reports made regularly"), 2),
    ),
    _plan(
        "goal",
        _("Goal"),
        (_("Measure and starting point agreed"), 2),
        (_("Measures towards the goal adopted"), 2),
        (_("First review of progress"), 2),
        (_("Goal found to be reached"), 4),
    ),
)

PLANS: dict[str, Plan] = {plan.key: plan for plan in _ALL}
