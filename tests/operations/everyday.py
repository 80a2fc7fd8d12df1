"""Procedures of several trades, as the people who work by them would write them: with sub-steps, branches and loops."""

from __future__ import annotations

from typing import Final

DISCHARGE: Final = """# Discharge of an inpatient

## Purpose
Patients leave the ward safely, with everything they need at home.

## Roles
- Physician
- Nurse
- Pharmacist
- Ward clerk

## Procedure
1. The physician decides that the patient can leave the ward.
2. If the patient needs care at home, the nurse informs the home care service; otherwise the nurse notes this in the EHR.
3. The following are done at the same time:
   a) The pharmacist prepares the medication plan in the EHR.
   b) The physician writes the discharge letter. The physician signs it.
   c) The ward clerk books the transport.
4. The nurse explains the medication plan to the patient.
5. If the patient has questions about the medication, go back to step 4.
6. Prepare the departure:
   6.1 The nurse removes the venous access.
   6.2 The nurse returns the valuables to the patient.
   6.3 If the transport is late, the ward clerk calls the transport service.
7. The ward clerk closes the stay in the EHR.
"""

LOAN: Final = """Title: Approval of a consumer loan
Purpose: Every application gets a decision within three working days.

Procedure

1. The loan officer receives the application in the loan portal.
2. The loan officer checks whether the application is complete. If not, the loan officer asks the applicant for the missing documents.
3. While the risk analyst calculates the credit score, the loan officer verifies the income.
4. If the score is above 700, the loan officer approves the loan; if the score is above 600, the underwriter reviews the application; \
otherwise the loan officer rejects the application.
5. If the application is rejected, the loan officer informs the applicant and the case is closed.
6. The loan officer sends the contract to the applicant.
7. Wait 14 days for the signed contract.
8. Unless the contract is signed, the loan officer cancels the offer and the process ends.
9. The accountant pays the loan out in the core banking system.
"""

RETURNS: Final = """# Warehouse returns

## Procedure

1. The receiver scans the return label in the WMS.
2. The receiver inspects the item:
   - Check the packaging
   - Check the serial number
   - Take a photo of the item
3. If the item is damaged, go to step 7.
4. The stock clerk puts the item back on the shelf.
5. In parallel, the accountant credits the customer in SAP.
6. The stock clerk updates the stock in the WMS and the process ends.
7. The quality inspector decides about the item.
8. If the item can be repaired, do the following:
   a. The technician repairs the item.
   b. The technician tests the item. If the test fails, the technician scraps the item.
9. The receiver informs the customer.
"""

ONBOARDING: Final = """# Employee onboarding

## Roles
- HR
- IT team
- Facility manager
- Line manager

## Procedure

### Step 1: Prepare the first day
HR sends the contract to the new employee.

In parallel:

- The IT team sets the workplace up:
  - Order the laptop
  - Create the accounts in Jira
  - Install the software
- The facility manager prepares the badge.

### Step 2: Welcome the new employee
The line manager welcomes the new employee. The line manager introduces the team while HR copies the documents.

### Step 3: Follow up
Wait two weeks.
The line manager reviews the first weeks with the employee. If problems remain, the line manager informs HR.
"""

INCIDENT: Final = """Standard Operating Procedure: Response to a security incident

Roles: Analyst, incident manager, system administrator, press officer

Procedure:
1. The analyst assesses the alert in the SIEM system.
2. In case of a false alarm, the analyst closes the ticket and the process ends.
3. The incident manager opens a war room.
4. The system administrator isolates the affected machines.
5. The analyst collects the evidence.
6. The press officer drafts a statement at the same time as steps 4 to 5.
7. The system administrator removes the malware.
8. The analyst scans the machines.
9. Repeat steps 7 to 8 until the scan is clean.
10. Close the incident:
    1) The incident manager writes the report.
    2) The incident manager and the analyst review the report at the same time.
    3) If lessons were learned, the incident manager updates the playbook in Confluence.
"""

CLOSE: Final = """# Month-end close

Steps 2 and 3 can be done in parallel.

1. The controller announces the closing calendar.
2. The accounts payable clerk posts the last invoices in SAP.
3. The accounts receivable clerk reconciles the customer accounts in SAP.
4. If a difference above 100 EUR remains and the period is open, the accounts receivable clerk corrects the booking.
5. The controller reviews the trial balance. Meanwhile, the tax accountant prepares the VAT return.
6. If the trial balance does not match, return to step 2.
7. If the company is audited this month, do the following at the same time:
   a. The controller prepares the audit file.
   b. The tax accountant answers the questions of the auditor.
8. The chief accountant approves the close. This happens on day five.
"""

CONSTRUCTION: Final = """Building permit

1 Receive the application
  1.1 The clerk stamps the application.
  1.2 The clerk registers the application in the DMS.
2 Check the application
  2a. The clerk checks the drawings.
  2b. The engineer checks the statics, and at the same time the clerk asks the neighbours.
  2c. If documents are missing, the clerk requests them. Otherwise, if the drawings are wrong, the clerk returns the application \
and the case is closed.
3 The engineer visits the site while it rains.
4 Everybody works simultaneously.
5 The head of department signs the permit.
"""

EVERYDAY: Final = {
    "discharge": DISCHARGE,
    "loan": LOAN,
    "returns": RETURNS,
    "onboarding": ONBOARDING,
    "incident": INCIDENT,
    "close": CLOSE,
    "permit": CONSTRUCTION,
}
