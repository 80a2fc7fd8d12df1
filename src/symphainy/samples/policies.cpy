      *----------------------------------------------------------------*
      * POLICY MASTER FILE: ONE RECORD FOR EACH POLICY, EBCDIC (CP037)  *
      *----------------------------------------------------------------*
       01  POLICY-RECORD.
           05  POLICY-NUMBER           PIC 9(8).
           05  POLICY-HOLDER           PIC X(24).
           05  DATE-OF-BIRTH           PIC 9(8).
           05  STATUS-CODE             PIC X(1).
               88  ACTIVE              VALUE 'A'.
               88  LAPSED              VALUE 'L'.
               88  CLAIM-OPEN          VALUE 'C'.
           05  ANNUAL-PREMIUM          PIC S9(7)V99  COMP-3.
           05  ACCOUNT-BALANCE         PIC S9(7)V99.
           05  CLAIM-COUNT             PIC S9(4)     COMP.
           05  COVERAGE                OCCURS 3 TIMES.
               10  COVERAGE-CODE       PIC X(2).
               10  SUM-INSURED         PIC 9(9)      COMP-3.
           05  CONTACT                 PIC X(12).
           05  PHONE REDEFINES CONTACT PIC 9(12).
           05  FILLER                  PIC X(6).
