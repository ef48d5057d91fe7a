resource "terraform_data" "a" {
  for_each = { k = 1, l = 2, m = 3 }
  input    = each.value
}
resource "terraform_data" "r" {
  for_each = { k = 1, l = 1, m = 1 }
  lifecycle {
    replace_triggered_by = [terraform_data.a[each.key].input, terraform_data.b]
  }
}
resource "terraform_data" "b" {
  input = 2
}
