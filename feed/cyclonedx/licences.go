package cyclonedx

import (
	"strings"
	"sync"
)

// singleLicences are the SPDX identifiers of licences and exceptions that share their first word with no other.
const singleLicences = `
0BSD 389-exception 3D-Slicer-1.0 AAL Abstyles AdaCore-doc ADSL Advanced-Cryptics-Dictionary Afmparse Aladdin ALGLIB-Documentation AMD-newlib AMDPLPA
AMPAS APAFML APL-1.0 App-s2p Arphic-1999 Aspell-RU Baekmuk Bahyph Barr bcrypt-Solar-Designer Beerware blessing BlueOak-1.0.0 BOLA-1.1
Bootloader-exception Borceux BSL-1.0 Buddy BUSL-1.1 C-UDA-1.0 CAPEC-tou Catharon CATOSL-1.1 CC0-1.0 CDL-1.0 CFITSIO CGAL-linking-exception check-cvs
checkmk ClArtistic Clips CLISP-exception-2.0 COIL-1.0 Community-Spec-1.0 Condor-1.1 Cornell-Lossless-JPEG CPAL-1.0 CPL-1.0 CPOL-1.02 Cronyx Crossword
CryptoSwift cryptsetup-OpenSSL-exception CrystalStacker CUA-OPL-1.0 Cube curl cve-tou D-FSL-1.0 DEC-3-Clause diffmark Digia-Qt-LGPL-exception-1.1
DigiRule-FOSS-exception DOC Dotseqn DSDP dtoa dvipdfm eGenix Elastic-2.0 Entessa EPICS erlang-otp-linking-exception ErlPL-1.1 etalab-2.0 EUDatagrid
Eurosym Fair Fawkes-Runtime-exception FBM FDK-AAC Ferguson-Twofish FLTK-exception fmt-exception Font-exception-2.0 Frameworx-1.0 FreeBSD-DOC FreeImage
freertos-exception-2.0 FSFUL FSFULLR FSFULLRSD FSFULLRWD FTL Furuseth fwlw Game-Programming-Gems GCR-docs GD generic-xts Giftware GL2PS Glide Glulxe
GLWTPL Gmsh-exception GNAT-exception GNOME-examples-exception GNU-compiler-exception gnu-javamail-exception gnuplot Graphics-Gems gSOAP-1.3b gtkbook
Gutmann harbour-exception HaskellReport HDF5 hdparm HIDAPI Hippocratic-2.1 HTMLTIDY hyphen-bulgarian i2p-gpl-java-exception IBM-pibs ICU
IEC-Code-Components-EULA ImageMagick iMatix Imlib2 Independent-modules-exception Info-ZIP Inner-Net-2.0 InnoSetup Interbase-1.0 IPA IPL-1.0
ISO-permission Jam JasPer-2.0 jove JPL-image JPNIC JSON Kastrup Kazlib KiCad-libraries-exception Knuth-CTAN kvirc-openssl-exception Leptonica LGPLLR
Libpng libpri-OpenH323-exception libselinux-1.0 libtiff Libtool-exception libutil-David-Nugent LLGPL LLVM-exception LOOP LPD-document lsof
Lucida-Bitmap-Fonts magaz mailprio MakeIndex man2html Martin-Birgmeier McPhee-slideshow metamail mif-exception Minpack MIPS MirOS MITNFA MMIXware
MMPL-1.0.1 Motosoto MPEG-SSG mpi-permissive mpich2 mplus MTLL Multics Mup mxml-exception NAIST-2003 NASA-1.3 Naumen NBPL-1.0 NCBI-PD NCGL-UK-2.0 NCL
NCSA Net-SNMP NetCDF Newsletr NGPL ngrep NICTA-1.0 NLPL NOSL Noweb NPOSL-3.0 NRL NTIA-PD Nunit O-UDA-1.0 OAR OCaml-LGPL-linking-exception OCLC-2.0
ODbL-1.0 ODC-By-1.0 OFFIS OGC-1.0 OGDL-Taiwan-1.0 OGTSL OLFL-1.3 OML OpenJDK-assembly-exception-1.0 OpenMDW-1.0 OpenPBS-2.3 OpenVision
openvpn-openssl-exception OPUBL-1.0 OSC-1.0 OSET-PL-2.1 OSSP PADL ParaType-Free-Font-1.3 PCRE2-exception PDDL-1.0 Pixar pkgconf Plexus pnmstitch
polyparse-exception PostgreSQL PPL PS-or-PDF-font-exception-20170817 PSF-2.0 psfrag psutils python-ldap Qhull Qwt-exception-1.0 radvd Rdisc RHeCos-1.1
romic-exception RPSL-1.0 RRDtool-FLOSS-exception-2.0 RSA-MD RSCPL rsync-linking-exception SANE-exception Saxpath SCEA SchemeReport SGMLUG-PM SGP4
SimPL-2.0 Simple-Library-Usage-exception SL Sleepycat SMAIL-GPL SMLNJ SMPPL SNIA snprintf SOFA softSurfer Soundex SPL-1.0
sqlitestudio-OpenSSL-exception ssh-keyscan SSLeay-standalone SSPL-1.0 StandardML-NJ stunnel-exception SugarCRM-1.1.3 SUL-1.0 SunPro SWI-exception
Swift-exception SWL swrule Symlinks TAPR-OHL-1.0 TCL TCP-wrappers TekHVC TermReadKey Texinfo-exception TGPPL-1.0 ThirdEye threeparttable TMate
TORQUE-1.1 TOSL TPDL TPL-1.0 TrustedQSL TTWL TTYP0 u-boot-exception-2.0 UBDL-exception Ubuntu-font-1.0 UCAR UCL-1.0 ulem UMich-Merit
Universal-FOSS-exception-1.0 UnixCrypt UnRAR UPL-1.0 URT-RLE Vim Vixie-Cron VOSTROM vsftpd-openssl-exception VSL-1.0 w3m Watcom-1.0 Widget-Workshop
WordNet Wsuipa WTFNMFPL WTFPL wwl wxWindows WxWindows-exception-3.1 x11vnc-openssl-exception Xdebug-1.03 Xerox Xfig XFree86-1.1 xinetd
xkeyboard-config-Zinoviev xlock Xnet xpp XSkat xzoom Zed Zeeff Zend-2.0 Zlib zlib-acknowledgement
`

// licenceFamilies are the other SPDX identifiers, by their first word. What stands behind the colon follows
// after a hyphen; a single full stop is the first word alone.
const licenceFamilies = `
Adobe: 2006 Display-PostScript Glyph Utopia
AFL: 1.1 1.2 2.0 2.1 3.0
AGPL: 1.0 1.0-only 1.0-or-later 3.0 3.0-only 3.0-or-later
AML: . glslang
ANTLR: PD PD-fallback
any: OSI OSI-perl-modules
Apache: 1.0 1.1 2.0
APSL: 1.0 1.1 1.2 2.0
Artistic: 1.0 1.0-cl8 1.0-Perl 2.0 dist
Asterisk: exception linking-protocols-exception
ASWF: Digital-Assets-1.0 Digital-Assets-1.1
Autoconf: exception-2.0 exception-3.0 exception-generic exception-generic-3.0 exception-macro
Bison: exception-1.24 exception-2.2
Bitstream: Charter Vera
BitTorrent: 1.0 1.1
Boehm: GC GC-without-fee
Brian: Gladman-2-Clause Gladman-3-Clause
BSD: 1-Clause 2-Clause 2-Clause-Darwin 2-Clause-first-lines 2-Clause-FreeBSD 2-Clause-NetBSD 2-Clause-Patent 2-Clause-pkgconf-disclaimer
  2-Clause-Views 3-Clause 3-Clause-acpica 3-Clause-Attribution 3-Clause-Clear 3-Clause-flex 3-Clause-HP 3-Clause-LBNL 3-Clause-Modification
  3-Clause-No-Military-License 3-Clause-No-Nuclear-License 3-Clause-No-Nuclear-License-2014 3-Clause-No-Nuclear-Warranty 3-Clause-Open-MPI
  3-Clause-Sun 3-Clause-Tso 4-Clause 4-Clause-Shortened 4-Clause-UC 4.3RENO 4.3TAHOE Advertising-Acknowledgement Attribution-HPND-disclaimer
  Inferno-Nettverk Mark-Modifications Protection Source-beginning-file Source-Code Systemics Systemics-W3Works
bzip2: 1.0.5 1.0.6
CAL: 1.0 1.0-Combined-Work-Exception
Caldera: . no-preamble
CC: BY-1.0 BY-2.0 BY-2.5 BY-2.5-AU BY-3.0 BY-3.0-AT BY-3.0-AU BY-3.0-DE BY-3.0-IGO BY-3.0-NL BY-3.0-US BY-4.0 BY-NC-1.0 BY-NC-2.0 BY-NC-2.5 BY-NC-3.0
  BY-NC-3.0-DE BY-NC-4.0 BY-NC-ND-1.0 BY-NC-ND-2.0 BY-NC-ND-2.5 BY-NC-ND-3.0 BY-NC-ND-3.0-DE BY-NC-ND-3.0-IGO BY-NC-ND-4.0 BY-NC-SA-1.0 BY-NC-SA-2.0
  BY-NC-SA-2.0-DE BY-NC-SA-2.0-FR BY-NC-SA-2.0-UK BY-NC-SA-2.5 BY-NC-SA-3.0 BY-NC-SA-3.0-DE BY-NC-SA-3.0-IGO BY-NC-SA-4.0 BY-ND-1.0 BY-ND-2.0
  BY-ND-2.5 BY-ND-3.0 BY-ND-3.0-DE BY-ND-4.0 BY-SA-1.0 BY-SA-2.0 BY-SA-2.0-UK BY-SA-2.1-JP BY-SA-2.5 BY-SA-3.0 BY-SA-3.0-AT BY-SA-3.0-DE BY-SA-3.0-IGO
  BY-SA-4.0 PDDC PDM-1.0 SA-1.0
CDDL: 1.0 1.1
CDLA: Permissive-1.0 Permissive-2.0 Sharing-1.0
CECILL: 1.0 1.1 2.0 2.1 B C
CERN: OHL-1.1 OHL-1.2 OHL-P-2.0 OHL-S-2.0 OHL-W-2.0
Classpath: exception-2.0 exception-2.0-short
CMU: Mach Mach-nodoc
CNRI: Jython Python Python-GPL-Compatible
copyleft: next-0.3.0 next-0.3.1
DL: DE-BY-2.0 DE-ZERO-2.0
DocBook: DTD Schema Stylesheet XML
DRL: 1.0 1.1
ECL: 1.0 2.0
eCos: 2.0 exception-2.0
EFL: 1.0 2.0
EPL: 1.0 2.0
ESA: PL-permissive-2.4 PL-strong-copyleft-2.4 PL-weak-copyleft-2.4
EUPL: 1.0 1.1 1.2
FSFAP: . no-warranty-disclaimer
FSL: 1.1-ALv2 1.1-MIT
GCC: exception-2.0 exception-2.0-note exception-3.1
GFDL: 1.1 1.1-invariants-only 1.1-invariants-or-later 1.1-no-invariants-only 1.1-no-invariants-or-later 1.1-only 1.1-or-later 1.2 1.2-invariants-only
  1.2-invariants-or-later 1.2-no-invariants-only 1.2-no-invariants-or-later 1.2-only 1.2-or-later 1.3 1.3-invariants-only 1.3-invariants-or-later
  1.3-no-invariants-only 1.3-no-invariants-or-later 1.3-only 1.3-or-later
GPL: 1.0 1.0+ 1.0-only 1.0-or-later 2.0 2.0+ 2.0-only 2.0-or-later 2.0-with-autoconf-exception 2.0-with-bison-exception 2.0-with-classpath-exception
  2.0-with-font-exception 2.0-with-GCC-exception 3.0 3.0+ 3.0-389-ds-base-exception 3.0-interface-exception 3.0-linking-exception
  3.0-linking-source-exception 3.0-only 3.0-or-later 3.0-with-autoconf-exception 3.0-with-GCC-exception CC-1.0
GStreamer: exception-2005 exception-2008
HP: 1986 1989
HPND: . DEC doc doc-sell export-US export-US-acknowledgement export-US-modify export2-US Fenneberg-Livingston INRIA-IMAG Intel Kevlin-Henney
  Markus-Kuhn merchantability-variant MIT-disclaimer Netrek Pbmplus sell-MIT-disclaimer-xserver sell-regexpr sell-variant
  sell-variant-critical-systems sell-variant-MIT-disclaimer sell-variant-MIT-disclaimer-rev SMC UC UC-export-US
IJG: . short
Intel: . ACPI
ISC: . Veillard
LAL: 1.2 1.3
Latex2e: . translated-notice
LGPL: 2.0 2.0+ 2.0-only 2.0-or-later 2.1 2.1+ 2.1-only 2.1-or-later 3.0 3.0+ 3.0-linking-exception 3.0-only 3.0-or-later
libpng: 1.6.35 2.0
LiLiQ: P-1.1 R-1.1 Rplus-1.1
Linux: man-pages-1-para man-pages-copyleft man-pages-copyleft-2-para man-pages-copyleft-var OpenIB syscall-note
LPL: 1.0 1.02
LPPL: 1.0 1.1 1.2 1.3a 1.3c
LZMA: exception SDK-9.11-to-9.20 SDK-9.22
Mackerras: 3-Clause 3-Clause-acknowledgment
MIT: . 0 advertising Click CMU enna feh Festival Khronos-old Modern-Variant open-group STK testregex Wu
MPL: 1.0 1.1 2.0 2.0-no-copyleft-exception
MS: LPL PL RL
MulanPSL: 1.0 2.0
NIST: PD PD-fallback PD-TNT Software
NLOD: 1.0 2.0
Nokia: . Qt-exception-1.1
NPL: 1.0 1.1
NTP: . 0
OCCT: exception-1.0 PL
OFL: 1.0 1.0-no-RFN 1.0-RFN 1.1 1.1-no-RFN 1.1-RFN
OGL: Canada-2.0 UK-1.0 UK-2.0 UK-3.0
OLDAP: 1.1 1.2 1.3 1.4 2.0 2.0.1 2.1 2.2 2.2.1 2.2.2 2.3 2.4 2.5 2.6 2.7 2.8
OpenSSL: . standalone
OPL: 1.0 UK-3.0
OSL: 1.0 1.1 2.0 2.1 3.0
Parity: 6.0.0 7.0.0
PHP: 3.0 3.01
PolyForm: Noncommercial-1.0.0 Small-Business-1.0.0
Python: 2.0 2.0.1
QPL: 1.0 1.0-INRIA-2004 1.0-INRIA-2004-exception
Qt: GPL-exception-1.0 LGPL-exception-1.1
RPL: 1.1 1.5
Ruby: . pty
SAX: PD PD-2.0
Sendmail: . 8.23 Open-Source-1.1
SGI: B-1.0 B-1.1 B-2.0 OpenGL
SHL: 0.5 0.51 2.0 2.1
SISSL: . 1.2
Spencer: 86 94 99
SSH: OpenSSH short
Sun: PPP PPP-2000
TU: Berlin-1.0 Berlin-2.0
Unicode: 3.0 DFS-2015 DFS-2016 TOU
Unlicense: . libtelnet libwhirlpool
W3C: . 19980720 20150513
X11: . distribute-modifications-variant no-permit-persons swapped
YPL: 1.0 1.1
Zimbra: 1.3 1.4
ZPL: 1.1 2.0 2.1
`

// licenceIDs returns the identifiers that the field id of a licence may hold, as of version 3.28 of the SPDX list.
var licenceIDs = sync.OnceValue(func() map[string]bool {
	ids := map[string]bool{}
	for id := range strings.FieldsSeq(singleLicences) {
		ids[id] = true
	}
	var family string
	for word := range strings.FieldsSeq(licenceFamilies) {
		switch {
		case strings.HasSuffix(word, ":"):
			family = strings.TrimSuffix(word, ":")
		case word == ".":
			ids[family] = true
		default:
			ids[family+"-"+word] = true
		}
	}
	return ids
})
