// Reads an adaptive card from standard input as its library does, and prints what is wrong with it.
const { AdaptiveCard, SerializationContext, Versions } = require("adaptivecards/dist/adaptivecards.js");

const context = new SerializationContext(Versions.v1_4);
const card = new AdaptiveCard();
card.parse(JSON.parse(require("fs").readFileSync(0, "utf8")), context);
for (let index = 0; index < context.eventCount; index++) console.log(context.getEventAt(index).message);
for (const event of card.validateProperties().validationEvents) console.log(event.message);
if (card.getItemCount() === 0) console.log("the card is empty");
