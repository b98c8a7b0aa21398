"""Operations: takes what processes, database and home are at, gives it to who keeps an eye on them."""
