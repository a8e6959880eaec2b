/**
 * The words that may not stand bare in an expression as an attribute name, in any letter case.
 *
 * The list is DynamoDB's (reference/types-and-limits.md, at its end): 573 words. Those in small
 * letters are words of PartiQL's grammar too (partiql/keywords.ts), so that they are said once.
 */

const words = `
ABORT absolute action add AFTER AGENT AGGREGATE all allocate alter ANALYZE and any ARCHIVE are
ARRAY as asc ASCII ASENSITIVE assertion ASYMMETRIC at ATOMIC ATTACH ATTRIBUTE AUTH
authorization AUTHORIZE AUTO avg BACK BACKUP BASE BATCH BEFORE begin between BIGINT BINARY bit
blob BLOCK boolean BOTH BREADTH BUCKET BULK by BYTE CALL CALLED CALLING CAPACITY cascade
cascaded case cast catalog char character check CLASS clob close CLUSTER CLUSTERED CLUSTERING
CLUSTERS coalesce collate collation COLLECTION column COLUMNS COMBINE COMMENT commit COMPACT
COMPILE COMPRESS CONDITION conflict connect connection CONSISTENCY CONSISTENT constraint
constraints CONSTRUCTOR CONSUMED continue convert COPY corresponding count COUNTER create cross
CUBE current cursor CYCLE DATA DATABASE date DATETIME DAY deallocate dec decimal declare
default deferrable deferred DEFINE DEFINED DEFINITION delete DELIMITED DEPTH DEREF desc
describe descriptor DETACH DETERMINISTIC diagnostics DIRECTORIES DISABLE disconnect distinct
DISTRIBUTE do domain double drop DUMP DURATION DYNAMIC EACH ELEMENT else ELSEIF EMPTY ENABLE
end EQUAL EQUALS ERROR escape ESCAPED EVAL EVALUATE EXCEEDED except exception EXCEPTIONS
EXCLUSIVE exec execute exists EXIT EXPLAIN EXPLODE EXPORT EXPRESSION EXTENDED external extract
FAIL false FAMILY fetch FIELDS FILE FILTER FILTERING FINAL FINISH first FIXED FLATTERN float
for FORCE foreign FORMAT FORWARD found FREE from full FUNCTION FUNCTIONS GENERAL GENERATE get
GLOB global go goto grant GREATER group GROUPING HANDLER HASH HAVE having HEAP HIDDEN HOLD HOUR
IDENTIFIED identity IF IGNORE immediate IMPORT in INCLUDING INCLUSIVE INCREMENT INCREMENTAL
index INDEXED INDEXES indicator INFINITE initially INLINE inner INNTER INOUT input insensitive
insert INSTEAD int integer intersect interval into INVALIDATE is isolation ITEM ITEMS ITERATE
join key KEYS LAG language LARGE last LATERAL LEAD LEADING LEAVE left LENGTH LESS level like
limit LIMITED LINES list LOAD local LOCALTIME LOCALTIMESTAMP LOCATION LOCATOR LOCK LOCKS LOG
LOGED LONG LOOP lower MAP match MATERIALIZED max MAXLEN MEMBER MERGE METHOD METRICS min MINUS
MINUTE missing MOD MODE MODIFIES MODIFY module MONTH MULTI MULTISET NAME names national natural
nchar NCLOB new next no NONE not null nullif NUMBER numeric OBJECT of OFFLINE OFFSET old on
ONLINE only OPAQUE open OPERATOR option or order ORDINALITY OTHER OTHERS OUT outer output OVER
overlaps OVERRIDE OWNER pad PARALLEL PARAMETER PARAMETERS partial PARTITION PARTITIONED
PARTITIONS PATH PERCENT PERCENTILE PERMISSION PERMISSIONS PIPE PIPELINED PLAN POOL position
precision prepare preserve primary prior PRIVATE privileges procedure PROCESSED PROJECT
PROJECTION PROPERTY PROVISIONING public PUT QUERY QUIT QUORUM RAISE RANDOM RANGE RANK RAW read
READS real REBUILD RECORD RECURSIVE REDUCE REF REFERENCE references REFERENCING REGEXP REGION
REINDEX relative RELEASE REMAINDER RENAME REPEAT REPLACE REQUEST RESET RESIGNAL RESOURCE
RESPONSE RESTORE restrict RESULT RETURN returning RETURNS REVERSE revoke right ROLE ROLES
rollback ROLLUP ROUTINE ROW rows RULE RULES SAMPLE SATISFIES SAVE SAVEPOINT SCAN schema SCOPE
scroll SEARCH SECOND section SEGMENT SEGMENTS select SELF SEMI SENSITIVE SEPARATE SEQUENCE
SERIALIZABLE session set SETS SHARD SHARE SHARED SHORT SHOW SIGNAL SIMILAR size SKEWED smallint
SNAPSHOT some SOURCE space SPACES SPARSE SPECIFIC SPECIFICTYPE SPLIT sql sqlcode sqlerror
SQLEXCEPTION sqlstate SQLWARNING START STATE STATIC STATUS STORAGE STORE STORED STREAM string
struct STYLE SUB SUBMULTISET SUBPARTITION substring SUBTYPE sum SUPER SYMMETRIC SYNONYM SYSTEM
table TABLESAMPLE TEMP temporary TERMINATED TEXT THAN then THROUGHPUT time timestamp TIMEZONE
TINYINT to TOKEN TOTAL TOUCH TRAILING transaction TRANSFORM translate translation TREAT TRIGGER
trim true TRUNCATE TTL tuple TYPE UNDER UNDO union unique UNIT unknown UNLOGGED UNNEST
UNPROCESSED UNSIGNED UNTIL update upper URL usage USE user USERS using UUID VACUUM value VALUED
values varchar VARIABLE VARIANCE VARINT varying view VIEWS VIRTUAL VOID WAIT when whenever
where WHILE WINDOW with WITHIN WITHOUT work WRAPPED write YEAR zone
`;

const list = words.trim().split(/\s+/);
const reserved: ReadonlySet<string> = new Set(list.map((word) => word.toUpperCase()));

/** In small letters. */
export const statementWords: readonly string[] = list.filter((word) => word >= 'a');

/** How many words there are. */
export const reservedCount: number = reserved.size;

export function isReserved(name: string): boolean {
  return reserved.has(name.toUpperCase());
}
