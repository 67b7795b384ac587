// The words of a source's form.

export const sourceForm = {
  newTitle: "New source", editTitle: "Source", save: "Save", remove: "Remove",
  name: "Name", id: "Id", idHint: "Stands in every page that sends. Empty: Kith draws one.", description: "Description", channel: "Channel", channelHint: "Copied to its events and sessions: web, app, shop floor.",
  type: "Doors", typeHint: "How it sends. Each is an address that is open to it.", doorsInShort: { rest: "pages and apps", webhook: "webhooks", redirect: "links" } as Record<string, string>, doors: { rest: "Pages and apps (/track)", webhook: "Webhooks (/collect)", redirect: "Links (/redirect)" } as Record<string, string>,
  origins: "Origins that may send", originsHint: "Pages by their beginning, one a line: https://shop.example. Empty: any page.", enabled: "Enabled", enabledHint: "Off: everything that it sends is refused.",
  belief: "How far it is believed", trust: "When it says who somebody is", trustHint: "Whoever can open a page can send what it sends: a page that is believed could name anybody.",
  trusts: [["", "As its doors usually are"], ["public", "A page: says who its visitor is, and no more"], ["signed", "A page whose server signs what it says"], ["trusted", "A server: may name anybody"]] as readonly (readonly [string, string])[],
  answers: "What its answers tell of the person", answersHint: "A page can show other things to those who are in an audience. It hears only of what is named here, where the person stands after what it has sent.",
  audiences: "Audiences", audiencesHint: "An answer says which of these the person is in. An audience that is named here cannot be removed.", noAudiences: "There is no audience yet. Once there is one, it can be chosen here.",
  every: "All audiences", everyHint: "Also those that are still to come. Only for a server that is believed.", traits: "Traits", traitsHint: "Places of the profile, one a line: traits.plan, computed.spent, data.contact.address.town. What is masked stays masked.",
  returnsProfile: "Answers may carry the whole profile", returnsProfileHint: "When an event asks for it. Leave it off for pages.",
  keeps: "What is kept of its visitors", addresses: "Internet address", addressesHint: "Of sessions and events.", addressesAre: [["none", "Not kept"], ["cut", "Without its last part"], ["whole", "Kept as it is"]] as readonly (readonly [string, string])[],
  locates: "Find the country by the address", locatesHint: "For visitors who do not say where they are. The address itself need not be kept for it.",
  crawlers: "Crawlers", crawlersHint: "Search engines and other programs that walk through pages.", crawlersAre: [["", "As the server's settings say"], ["flag", "Keep what they send, and mark it"], ["refuse", "Refuse what they send"]] as readonly (readonly [string, string])[],
  cuts: "Cut secrets from addresses of pages", cutsHint: "Parameters such as token, code, email or password are left out before anything is stored.", more: "Further secrets", moreHint: "Parameters of your own pages that are to be left out too, one a line: invite, customer.",
  keep: "Harmless here", keepHint: "Parameters that are usually left out, and are to be kept from this source, one a line: code.", retention: "Days that events stay", retentionHint: "0: as the server's settings say.",
  transitional: "Keep profiles only", transitionalHint: "Neither its sessions nor its events are kept.",
};
