-- A workbook saved through a number type writes 245901160.0: the decimals are dropped. ZZZZZZZZZ is
-- how a quarter without EPCI is written.
select
    code as code_qpv,
    perimetre,
    nullif(regexp_replace(code_epci, '\.0$', ''), 'ZZZZZZZZZ') as code_epci,
    nullif(regexp_replace(code_epci_deux, '\.0$', ''), 'ZZZZZZZZZ') as code_epci_deux,
    codes_communes,
    source_id,
    millesime
from {{ source('landing', 'insee_qpv_epci') }}
