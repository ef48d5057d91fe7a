output "x" { value = try(tonumber("x"), 1) }
