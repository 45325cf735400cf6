# Foundation Food, January 2021: the level reads the same whatever flows; then the air goes.
story S13 Foundation Food: a bent level tube
every 10s
learn 1d
at 0 level-reads 120
at 15min shows room-1 oxygen-1 19.4
end 30min
told freezer-1.fill-not-rising p2 within 3min
told room-1.oxygen-1-low p1 within 10s of 15min
again flow 2 hour 9 seed 3
