"""Before a bundle goes live: everything that can be found out of it, in one file."""

from callpolicy.certificate.certifying import FORMAT, STEPS, Certificate, Refusal, activate, certify
from callpolicy.runtime.boundaries import boundary_snapshots
from callpolicy.runtime.crossing import Crossed, cross, disagreement_text

__all__ = [
    "FORMAT",
    "STEPS",
    "Certificate",
    "Crossed",
    "Refusal",
    "activate",
    "boundary_snapshots",
    "certify",
    "cross",
    "disagreement_text",
]
