-- What a chat server asks its database for each message.
\set thread random(1, 20000)
BEGIN;
SELECT id, body FROM messages WHERE thread = :thread ORDER BY id DESC LIMIT 30;
INSERT INTO messages (thread, body) VALUES (:thread, 'Where is my order?');
COMMIT;
\sleep 3 s
