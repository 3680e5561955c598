// Draws nothing: the library behind every component passes the news on that come with it.

function mount() {}
