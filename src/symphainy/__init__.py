"""One durable, live session shared by every agent, orchestrator workflow and browser tab."""
