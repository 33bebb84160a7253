# Pushes jobs with Sidekiq's own client.
require "sidekiq"

Sidekiq.configure_client { |config| config.redis = { url: "redis://127.0.0.1:#{ARGV[0]}/0" } }

def push(queue, more = {})
  Sidekiq::Client.push({ "class" => "Task", "args" => [1], "queue" => queue }.merge(more))
end

5.times { push("intent") }
2.times { push("mail") }
3.times { push("mail", "at" => Time.now.to_f + 3600) }
