output "x" { value = true ? 1 : upper(["a"]) }
