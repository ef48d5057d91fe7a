resource "terraform_data" "a" { 
  input = { a = [7, 8] } 
  lifecycle { ignore_changes = [input["a"][0]] }
}
