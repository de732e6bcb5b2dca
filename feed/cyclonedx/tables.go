package cyclonedx

// The tables describe what a bill of materials may hold, in a notation of our
// own, for all versions and for JSON and XML alike. A type starts at the margin;
// each of its members has an indented line:
//
//	name[!] type [place] [versions]
//
// An exclamation mark says that the member is required. The type is one of
//
//	text ref bool int count num time day any    values; a ref is a text that is not empty, a count is 0 or more
//	=name   one of the words of a list in the table of words
//	~name   a text that matches a pattern
//	name    another type of the table
//	[type]  a list
//	a|b     either, told apart by what is there: a list, an object or a value
//
// The place says where XML keeps the member: nothing for an element of the same
// name, @ or @other for an attribute, . for the text of the element itself, /item for
// a list whose element wraps those of its items, outer/item where that element has another name, /item@ref where the
// value of an item is its attribute ref, * for items that stand beside each other without a wrapper, and - for what is not looked into in XML. The versions are the first and the last that know the
// member, such as 1.4+ or -1.3, or with ! in front, those that require it.
//
// Lines that start with ? are rules: one (exactly one of the members is there), some (at least one),
// most (at most one), and open (members that the table does not know are allowed, perhaps only in some versions).
const bomTable = `
bom
  $schema text
  bomFormat! ~format
  specVersion! text
  serialNumber ~serial @
  version int @ !-1.4
  metadata metadata 1.2+
  components [component] /component
  services [service] /service 1.2+
  externalReferences [externalReference] /reference 1.1+
  dependencies dependencies 1.2+
  compositions [composition] /composition 1.3+
  vulnerabilities [vulnerability] /vulnerability 1.4+
  annotations [annotation] /annotation 1.5+
  formulation [formula] - 1.5+
  declarations declarations - 1.6+
  definitions definitions - 1.6+
  citations [citation] /citation 1.7+
  properties [property] /property 1.3+
  signature any - 1.4+
  ?open -1.3
metadata
  timestamp time
  lifecycles [lifecycle] /lifecycle 1.5+
  tools [tool]|toolbox /tool
  authors [contact] /author
  component component
  manufacturer organisation 1.6+
  manufacture organisation
  supplier organisation
  licenses licenses 1.3+
  properties [property] /property 1.3+
  distributionConstraints distribution 1.7+
  ?open -1.3
distribution
  tlp =tlp
lifecycle
  phase =phase
  name text
  description text
  ?one phase name
tool
  vendor text
  name text
  version text
  hashes [hash] /hash
  externalReferences [externalReference] /reference 1.4+
  ?open -1.3
toolbox
  components [component] /component
  services [service] /service
organisation
  bom-ref ref @ 1.5+
  name text
  address address 1.6+
  url [text] *
  contact [contact] *
  ?open -1.3
address
  bom-ref ref @
  country text
  region text
  locality text
  postOfficeBoxNumber text
  postalCode text
  streetAddress text
contact
  bom-ref ref @ 1.5+
  name text
  email text
  phone text
  ?open -1.3
component
  type! =component @
  mime-type ~mime @ 1.2+
  bom-ref ref @ 1.1+
  isExternal bool @ 1.7+
  supplier organisation 1.2+
  manufacturer organisation 1.6+
  authors [contact] /author 1.6+
  author text 1.2+
  publisher text
  group text
  name! text
  version text !-1.3
  versionRange text 1.7+
  description text
  scope =scope
  hashes [hash] /hash
  licenses licenses
  copyright text
  patentAssertions [patentAssertion] - 1.7+
  cpe cpe
  purl text
  omniborId [text] * 1.6+
  swhid [text] * 1.6+
  swid swid 1.2+
  modified bool
  pedigree pedigree 1.1+
  externalReferences [externalReference] /reference 1.1+
  components [component] /component
  evidence evidence 1.3+
  releaseNotes releaseNotes 1.4+
  modelCard modelCard - 1.5+
  data [componentData] - 1.5+
  cryptoProperties cryptoProperties - 1.6+
  properties [property] /property 1.3+
  tags [text] /tag 1.6+
  signature any - 1.4+
  ?open -1.3
  ?most version versionRange
swid
  tagId! text @
  name! text @
  version text @
  tagVersion int @
  patch bool @
  text attachment
  url text
  ?open -1.3
attachment
  contentType text @content-type
  encoding =encoding @
  content! text .
  ?open -1.3
hash
  alg! =hash @
  content! ~hash .
  ?open -1.3
licenseChoice
  license license
  expression text
  bom-ref ref 1.5+
  acknowledgement =acknowledgement 1.6+
  expressionDetails [expressionDetail] 1.7+
  licensing licensing 1.7+
  properties [property] 1.7+
  ?open -1.3
  ?one license expression
expressionDetail
  licenseIdentifier! text
  bom-ref ref
  text attachment
  url text
license
  bom-ref ref @ 1.5+
  id licenseId
  name text
  acknowledgement =acknowledgement @ 1.6+
  text attachment
  url text
  licensing licensing 1.5+
  properties [property] /property 1.5+
  ?open -1.3
  ?one id name
licensing
  altIds [text] /altId
  licensor party
  licensee party
  purchaser party
  purchaseOrder text
  licenseTypes [=licenseType] /licenseType
  lastRenewal time
  expiration time
party
  organization organisation
  individual contact
  ?one organization individual
pedigree
  ancestors [component] /component
  descendants [component] /component
  variants [component] /component
  commits [commit] /commit
  patches [patch] /patch
  notes text
  ?open -1.3
commit
  uid text
  url text
  author action
  committer action
  message text
  ?open -1.3
action
  timestamp time
  name text
  email text
  ?open -1.3
patch
  type! =patch @
  diff diff
  resolves [issue] /issue
  ?open -1.3
diff
  text attachment
  url text
  ?open -1.3
issue
  type! =issue @
  id text
  name text
  description text
  source source
  references [text] /url
  ?open -1.3
source
  name text
  url text
  ?open -1.3
externalReference
  url! text
  comment text
  type! =reference @
  hashes [hash] /hash 1.3+
  properties [property] /property 1.7+
  ?open -1.3
property
  name text @ !1.6+
  value text .
  ?open -1.5
dependency
  ref! ref
  dependsOn [ref]
  provides [ref] 1.6+
  ?open -1.3
service
  bom-ref ref @
  provider organisation
  group text
  name! text
  version text
  description text
  endpoints [text] /endpoint
  authenticated bool
  x-trust-boundary bool
  trustZone text 1.5+
  data [serviceData]
  licenses licenses
  patentAssertions [patentAssertion] - 1.7+
  externalReferences [externalReference] /reference
  services [service] /service
  releaseNotes releaseNotes 1.4+
  properties [property] /property 1.3+
  tags [text] /tag 1.6+
  signature any - 1.4+
  ?open -1.3
serviceData
  flow! =flow
  classification! text
  name text 1.5+
  description text 1.5+
  governance governance - 1.5+
  source [text] 1.5+
  destination [text] 1.5+
  ?open -1.3
evidence
  identity [identity]|identity * 1.5+
  occurrences [occurrence] /occurrence 1.5+
  callstack callstack 1.5+
  licenses licenses
  copyright [copyright] /text
  ?open -1.3
identity
  field! =identityField
  confidence num
  concludedValue text 1.6+
  methods [method] /method
  tools [ref] /tool@ref
method
  technique! =technique
  confidence! num
  value text
occurrence
  bom-ref ref @
  location! text
  line count 1.6+
  offset count 1.6+
  symbol text 1.6+
  additionalContext text 1.6+
callstack
  frames [frame] /frame
frame
  package text
  module! text
  function text
  parameters [text] /parameter
  line int
  column int
  fullFilename text
copyright
  text! text .
  ?open -1.3
composition
  bom-ref ref @ 1.5+
  aggregate! =aggregate
  assemblies [text] /assembly@ref
  dependencies [text] /dependency@ref
  vulnerabilities [text] /vulnerability@ref 1.5+
  signature any - 1.4+
  ?open -1.3
`

// noteTable describes release notes, vulnerabilities and annotations.
const noteTable = `
releaseNotes
  type! text
  title text
  featuredImage text
  socialImage text
  description text
  timestamp time
  aliases [text] /alias
  tags [text] /tag
  resolves [issue] /issue
  notes [note] /note
  properties [property] /property
note
  locale ~locale
  text! attachment
vulnerability
  bom-ref ref @
  id text
  source source
  references [vulnerabilityReference] /reference
  ratings [rating] /rating
  cwes [int] /cwe
  description text
  detail text
  recommendation text
  workaround text 1.5+
  proofOfConcept proof - 1.5+
  advisories [advisory] /advisory
  created time
  published time
  updated time
  rejected time 1.5+
  credits credits
  tools [tool]|toolbox /tool
  analysis analysis
  affects [affected] /target
  properties [property] /property
vulnerabilityReference
  id! text
  source! source
rating
  source source
  score num
  severity =severity
  method =scoring
  vector text
  justification text
proof
  reproductionSteps text
  environment text
  supportingMaterial [attachment]
  ?open
advisory
  title text
  url! text
credits
  organizations [organisation] /organization
  individuals [contact] /individual
analysis
  state =analysisState
  justification =justification
  response [=response] responses/response
  detail text
  firstIssued time 1.5+
  lastUpdated time 1.5+
affected
  ref! ref
  versions [affectedVersion] /version
affectedVersion
  version text
  range text
  status =affected
  ?one version range
annotation
  bom-ref ref @
  subjects! [ref] /subject@ref
  annotator! annotator
  timestamp! time
  text! text
  signature any -
annotator
  organization organisation
  individual contact
  component component
  service service
  ?one organization individual component service
`
