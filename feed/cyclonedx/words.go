package cyclonedx

// wordTable lists the words that members of the type =name may hold. A version
// behind a word is the first, or with a hyphen in front the last, that knows it.
const wordTable = `
component: application framework library container:1.2+ platform:1.5+ operating-system device device-driver:1.5+ firmware:1.2+ file:1.1+
  machine-learning-model:1.5+ data:1.5+ cryptographic-asset:1.6+
scope: required optional excluded:1.1+
encoding: base64
acknowledgement: declared concluded
hash: MD5 SHA-1 SHA-256 SHA-384 SHA-512 SHA3-256 SHA3-384:1.2+ SHA3-512 BLAKE2b-256:1.2+ BLAKE2b-384:1.2+ BLAKE2b-512:1.2+ BLAKE3:1.2+
  Streebog-256:1.7+ Streebog-512:1.7+
tlp: CLEAR GREEN AMBER AMBER_AND_STRICT RED
phase: design pre-build build post-build operations discovery decommission
licenseType: academic appliance client-access concurrent-user core-points custom-metric device evaluation named-user node-locked oem
  perpetual processor-points subscription user other
patch: unofficial monkey backport cherry-pick
issue: defect enhancement security
reference: vcs issue-tracker website advisories bom mailing-list social chat documentation support source-distribution:1.6+ distribution
  distribution-intake:1.5+ license build-meta build-system release-notes:1.4+ security-contact:1.5+ model-card:1.5+ log:1.5+
  configuration:1.5+ evidence:1.5+ formulation:1.5+ attestation:1.5+ threat-model:1.5+ adversary-model:1.5+ risk-assessment:1.5+
  vulnerability-assertion:1.5+ exploitability-statement:1.5+ pentest-report:1.5+ static-analysis-report:1.5+
  dynamic-analysis-report:1.5+ runtime-analysis-report:1.5+ component-analysis-report:1.5+ maturity-report:1.5+
  certification-report:1.5+ codified-infrastructure:1.5+ quality-metrics:1.5+ poam:1.5+ electronic-signature:1.6+
  digital-signature:1.6+ rfc-9116:1.6+ patent:1.7+ patent-family:1.7+ patent-assertion:1.7+ citation:1.7+ other
flow: inbound outbound bi-directional unknown
identityField: group name version purl cpe omniborId:1.6+ swhid:1.6+ swid hash
technique: source-code-analysis binary-analysis manifest-analysis ast-fingerprint hash-comparison instrumentation dynamic-analysis filename
  attestation other
aggregate: complete incomplete incomplete_first_party_only incomplete_first_party_proprietary_only:1.5+
  incomplete_first_party_opensource_only:1.5+ incomplete_third_party_only incomplete_third_party_proprietary_only:1.5+
  incomplete_third_party_opensource_only:1.5+ unknown not_specified
severity: critical high medium low info none unknown
scoring: CVSSv2 CVSSv3 CVSSv31 CVSSv4:1.5+ OWASP SSVC:1.5+ other
analysisState: resolved resolved_with_pedigree exploitable in_triage false_positive not_affected
justification: code_not_present code_not_reachable requires_configuration requires_dependency requires_environment protected_by_compiler
  protected_at_runtime protected_at_perimeter protected_by_mitigating_control
response: can_not_fix will_not_fix update rollback workaround_available
affected: affected unaffected unknown
approach: supervised unsupervised reinforcement-learning semi-supervised self-supervised
data: source-code configuration dataset definition other
activity: design data-collection data-preparation training fine-tuning validation deployment inference other
energySource: coal oil natural-gas nuclear wind solar geothermal hydropower biofuel unknown other
energyUnit: kWh
carbonUnit: tCO2eq
cryptoAsset: algorithm certificate protocol related-crypto-material
primitive: drbg mac block-cipher stream-cipher signature hash pke xof kdf key-agree kem ae combiner key-wrap:1.7+ other unknown
cryptoEnvironment: software-plain-ram software-encrypted-ram software-tee hardware other unknown
cryptoPlatform: generic x86_32 x86_64 armv7-a armv7-m armv8-a armv8-m armv9-a armv9-m s390x ppc64 ppc64le other unknown
certification: none fips140-1-l1 fips140-1-l2 fips140-1-l3 fips140-1-l4 fips140-2-l1 fips140-2-l2 fips140-2-l3 fips140-2-l4 fips140-3-l1
  fips140-3-l2 fips140-3-l3 fips140-3-l4 cc-eal1 cc-eal1+ cc-eal2 cc-eal2+ cc-eal3 cc-eal3+ cc-eal4 cc-eal4+ cc-eal5 cc-eal5+ cc-eal6
  cc-eal6+ cc-eal7 cc-eal7+ other unknown
cipherMode: cbc ecb ccm gcm cfb ofb ctr other unknown
padding: pkcs5 pkcs7 pkcs1v15 oaep raw other unknown
cryptoFunction: generate keygen encrypt decrypt digest tag keyderive sign verify encapsulate decapsulate other unknown
certificateState: pre-activation active suspended deactivated revoked destroyed
certificateExtension: basicConstraints keyUsage extendedKeyUsage subjectAlternativeName authorityKeyIdentifier subjectKeyIdentifier
  authorityInformationAccess certificatePolicies crlDistributionPoints signedCertificateTimestamp
material: private-key public-key secret-key key ciphertext signature digest initialization-vector nonce seed salt shared-secret tag
  additional-data password credential token other unknown
materialState: pre-activation active suspended deactivated compromised destroyed
protocol: tls ssh ipsec ike sstp wpa dtls:1.7+ quic:1.7+ eap-aka:1.7+ eap-aka-prime:1.7+ prins:1.7+ 5g-aka:1.7+ other unknown
task: copy clone lint scan merge build test deliver deploy release clean other
accessMode: read-only read-write read-write-once write-once write-only
volume: filesystem block
trigger: manual api webhook scheduled
output: artifact attestation log evidence metrics other
patentStatus: pending granted revoked expired lapsed withdrawn abandoned suspended reinstated opposed terminated invalidated in-force
patentAssertion: ownership license third-party-claim standards-inclusion prior-art exclusive-rights non-assertion research-or-evaluation
`
