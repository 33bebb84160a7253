-- A search without an index, as somebody's report does it.
SELECT count(*) FROM messages WHERE body LIKE '%refund%';
\sleep 3 s
